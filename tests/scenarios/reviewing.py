"""What the stories of access reviews share: a reviewed tenant, and people by their story's key."""

from datetime import timedelta

from workflows import connect as connecting
from workflows import review_list, review_open, sync
from workflows.installation import Actor, open_installation
from workflows.review_basis import basis
from workflows.review_list import ItemFilter
from workflows.review_people import acting_as
from workflows.review_scope import fill_in
from workflows.settings import Settings

ANA = Actor("ana", "Ana", "analyst")
FALLBACK = "ana.petrova@meridian.example"


def synced(inst, connection_id):
    run = sync.run_sync(inst, connection_id, actor=ANA)
    assert run.state == "published", run.error
    return run


def form(inst, connection_id, template="quarterly", *, fallback=FALLBACK, days=14, **more):
    return fill_in(
        template,
        basis=basis(inst, connection_id),
        due_on=inst.now().date() + timedelta(days=days),
        fallback=fallback,
        **more,
    )


def opened(inst, connection_id, template="quarterly", **more):
    return review_open.open_campaign(
        inst, connection_id, form(inst, connection_id, template, **more), actor=ANA
    )


class Company:
    """The tenant's people and applications by name, and who acts."""

    def __init__(self, inst, tenant, connection_id):
        self.inst, self.org, self.connection_id = inst, tenant.organization, connection_id

    def id(self, key):
        return self.org.by_key[key]

    def login(self, key):
        return self.org.users[self.id(key)]["profile"]["login"]

    def app(self, key):
        return next(i for i, app in self.org.apps.items() if app["_key"] == key)

    def actor(self, key):
        return acting_as(self.inst, self.connection_id, self.login(key), by=ANA)

    def items(self, campaign_id, **wanted):
        """Items that fit, as an analyst sees them."""
        found = review_list.all_items(self.inst, ItemFilter(campaign_id, **wanted), actor=ANA)
        return list(found)

    def item(self, campaign_id, who, app):
        """What somebody has of one application."""
        (found,) = self.items(
            campaign_id, user_id=self.id(who) if who in self.org.by_key else who,
            resources=(self.app(app),),
        )  # fmt: skip
        return found


def founded(tenant, data, database_url=""):
    """A data directory with a store that a tenant was read into, access reviews on."""
    inst = open_installation(
        Settings(data_dir=data, database_url=database_url, allow_loopback=True)
    )
    form = connecting.ConnectionForm(
        organization=tenant.url, api_key=tenant.api_key, email_domains=("meridian.example",),
        access_reviews=True,
    )  # fmt: skip
    made = connecting.connect(inst, form, actor=ANA)
    synced(inst, made.id)
    inst.database.close()
    return made.id
