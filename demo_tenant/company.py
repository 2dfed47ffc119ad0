"""The story: who works at Meridian Robotics, and what is wrong with whom. See STORY.md."""

from dataclasses import dataclass, field
from typing import Any

DOMAIN = "meridian.example"
PARTNER_DOMAIN = "partner.example"
COMPANY = "Meridian Robotics"
WORKFORCE, ADMINS, VPN, REVIEWERS = "Workforce", "Okta admins", "VPN users", "Compliance"
# Made by IT on the first next day (next_day.py).
ON_CALL = "Cloud on-call"

# Department: its head's key, and how much of the filling goes there.
DEPARTMENTS = {
    "Engineering": ("ines", 34),
    "Sales": ("marcus", 22),
    "Customer Success": ("yuki", 16),
    "Finance": ("helena", 10),
    "People": ("omar", 8),
    "Legal": ("sofia", 4),
    "Security": ("dmitri", 6),
}
PHISHING_RESISTANT = ("signed_nonce", "push", "token:software:totp")


@dataclass(frozen=True)
class Planted:
    """One person or account of the story. days: how long ago the account was created."""

    key: str
    first: str
    last: str
    department: str | None = None
    title: str | None = None
    manager: str | None = None
    status: str = "ACTIVE"
    factors: tuple[str, ...] = ("push", "token:software:totp")
    silent: bool = False
    days: int = 900
    last_login: int | None = 1
    email: str | None = None
    login: str | None = None
    pending: tuple[str, ...] = ()
    user_type: str = "default"
    groups: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    gone: int | None = None
    profile: dict[str, Any] = field(default_factory=dict)


STORY = (
    # Who leads
    Planted("nora", "Nora", "Lindqvist", "People", "Chief Executive Officer",
            factors=("webauthn", "push"), days=2600, roles=("SUPER_ADMIN",)),
    Planted("ines", "Inês", "Carvalho", "Engineering", "VP Engineering", "nora",
            factors=("webauthn", "signed_nonce"), days=2200, roles=("SUPER_ADMIN",)),
    Planted("marcus", "Marcus", "Obi", "Sales", "VP Sales", "nora", factors=("push",), silent=True,
            days=1900, roles=("SUPER_ADMIN",)),
    Planted("yuki", "Yuki", "Tanaka", "Customer Success", "Head of Customer Success", "nora"),
    Planted("helena", "Helena", "Brandt", "Finance", "Chief Financial Officer", "nora",
            factors=("token:hardware",), days=2000),
    Planted("omar", "Omar", "Haddad", "People", "Head of People", "nora", days=1500),
    Planted("sofia", "Sofía", "Reyes", "Legal", "General Counsel", "nora", days=1400),
    Planted("dmitri", "Dmitri", "Volkov", "Security", "Head of Security", "nora",
            factors=("webauthn",), days=1300, roles=("SUPER_ADMIN",), groups=(REVIEWERS,)),
    # Who runs compliance
    Planted("ana", "Ana", "Petrova", "Security", "Compliance Analyst", "dmitri",
            factors=("signed_nonce", "push"), groups=(REVIEWERS,)),
    Planted("felix", "Felix", "Moreau", "Security", "Internal Auditor", "dmitri",
            groups=(REVIEWERS,)),
    # Too many, and one asleep
    Planted("gita", "Gita", "Rao", "Engineering", "IT Engineer", "ines", roles=("SUPER_ADMIN",)),
    Planted("pavel", "Pavel", "Novak", "Engineering", "IT Engineer", "ines",
            roles=("SUPER_ADMIN", "APP_ADMIN")),
    Planted("rosa", "Rosa", "Klein", "Engineering", "Former IT lead", "ines", last_login=213,
            roles=("SUPER_ADMIN",), factors=("sms",)),
    Planted("ben", "Ben", "Adeyemi", "Engineering", "Help desk", "ines",
            roles=("HELP_DESK_ADMIN",)),
    # Who lacks MFA, each in another way
    Planted("tom", "Tom", "Fischer", "Sales", "Account Executive", "marcus", factors=()),
    Planted("lena", "Lena", "Schmitt", "Sales", "Account Executive", "marcus", factors=("sms",)),
    Planted("jack", "Jack", "Murphy", "Sales", "Account Executive", "marcus", factors=("call",)),
    Planted("chloe", "Chloé", "Dubois", "Customer Success", "Support Engineer", "yuki",
            factors=("email",)),
    Planted("ravi", "Ravi", "Menon", "Engineering", "Engineer", "ines", factors=("email",),
            pending=("push",)),
    Planted("mei", "Mei", "Chen", "Finance", "Accountant", "helena", factors=("question",)),
    Planted("aron", "Áron", "Kovács", "Engineering", "Engineer", "ines",
            factors=("retina:scan",)),
    Planted("lucy", "Lucy", "Grant", "Legal", "Paralegal", "sofia", factors=(),
            status="PASSWORD_EXPIRED"),
    # Who does it well
    Planted("kofi", "Kofi", "Mensah", "Engineering", "Staff Engineer", "ines",
            factors=("webauthn", "webauthn")),
    Planted("elif", "Elif", "Yılmaz", "Engineering", "Engineer", "ines",
            factors=PHISHING_RESISTANT),
    Planted("dora", "Dóra", "Nagy", "Finance", "Controller", "helena", factors=("web",)),
    Planted("hugo", "Hugo", "Silva", "Engineering", "Engineer", "ines", factors=("token:hotp",)),
    # One address, two people
    Planted("sam1", "Sam", "Taylor", "Sales", "Account Executive", "marcus",
            email=f"sam.taylor@{DOMAIN}"),
    Planted("sam2", "Samantha", "Taylor", "Customer Success", "Support Engineer", "yuki",
            email=f"Sam.Taylor@{DOMAIN}", login=f"samantha.taylor@{DOMAIN}"),
    Planted("paul", "Paul", "Weber", "Finance", "Accountant", "helena", email="paul.weber"),
    Planted("irma", "Irma", "Jansen", "People", "Recruiter", "omar",
            profile={"secondEmail": f"paul.becker@{DOMAIN}"}),
    Planted("becker", "Paul", "Becker", "Finance", "Accountant", "helena"),
    # Contractors, joiners, dates right and wrong
    Planted("ivan", "Ivan", "Kozlov", "Engineering", "Contract Engineer", "ines", days=200,
            profile={"drataContractor": True, "drataStartDate": "2025-11-03"}),
    Planted("zoe", "Zoë", "Martens", "Customer Success", "Contract Trainer", "yuki", days=150,
            profile={"drataContractor": True}),
    Planted("hana", "Hana", "Suzuki", "Engineering", "Engineer", "ines", days=3,
            status="PROVISIONED", factors=(), last_login=None,
            profile={"drataStartDate": "+10"}),
    Planted("liam", "Liam", "O'Brien", "Sales", "Account Executive", "marcus", days=2,
            status="STAGED", factors=(), last_login=None, profile={"drataStartDate": "+21"}),
    Planted("greta", "Greta", "Holm", "People", "People Partner", "omar", days=400,
            profile={"drataStartDate": "31st of June"}),
    Planted("noah", "Noah", "Stein", "Legal", "Counsel", "sofia", days=500,
            profile={"drataStartDate": "03/17/2025"}),
    # Leavers, and one whom a rule kept in
    Planted("kurt", "Kurt", "Vogel", "Sales", "Account Executive", "marcus",
            status="DEPROVISIONED", factors=(), gone=12, last_login=13),
    Planted("amara", "Amara", "Nwosu", "Engineering", "Engineer", "ines",
            status="DEPROVISIONED", factors=(), gone=40, last_login=41,
            profile={"drataContractor": True}),
    Planted("viktor", "Viktor", "Hansen", "Sales", "Sales Engineer", "marcus", last_login=65,
            status="SUSPENDED", groups=(VPN,), profile={"division": "Offboarding"}),
    # Every status
    Planted("oscar", "Oscar", "Lund", "Engineering", "Engineer", "ines", status="LOCKED_OUT"),
    Planted("priya", "Priya", "Nair", "Customer Success", "Support Engineer", "yuki",
            status="RECOVERY"),
    # Not people
    Planted("support", "Support", "Mailbox", None, None, factors=(), last_login=4,
            email=f"support@{DOMAIN}"),
    Planted("info", "Info", "Mailbox", None, None, factors=(), last_login=9,
            email=f"info@{DOMAIN}"),
    Planted("backup", "Backup", "Robot", "Engineering", "Service account", factors=(),
            user_type="service", last_login=1, email=f"automation@{DOMAIN}",
            login=f"backup.robot@{DOMAIN}"),
    # Partners, at another domain
    Planted("petra", "Petra", "Lang", None, "Auditor", email=f"petra.lang@{PARTNER_DOMAIN}",
            factors=("push",)),
    Planted("owen", "Owen", "Price", None, "Integrator", email=f"owen.price@{PARTNER_DOMAIN}",
            factors=()),
    # Names that break careless software
    Planted("evil", "<img src=x onerror=alert(1)>", "=cmd()|' /C calc'!A0", "Engineering",
            "**bold** [link](javascript:alert(1))", "ines", email=f"hostile.one@{DOMAIN}"),
    Planted("rtl", "\u202eevil\u202c", "名前 :red[x] $x^2$", "Engineering", "Engineer", "ines",
            email=f"hostile.two@{DOMAIN}"),
    Planted("long", "Wolfeschlegelsteinhausenbergerdorff" * 1, "Maria" * 10, "Customer Success",
            "Senior Principal Customer Experience Transformation Programme Manager", "yuki",
            email=f"hostile.three@{DOMAIN}"),
)  # fmt: skip
OWNER = Planted(
    "countersign-sync", "Countersign", "Sync", None, "API service account", factors=(),
    email=f"integration@{DOMAIN}", login=f"countersign-sync@{DOMAIN}", user_type="service",
    roles=("READ_ONLY_ADMIN", "CUSTOM"), last_login=0, days=120,
)  # fmt: skip
ROLE_LABELS = {
    "SUPER_ADMIN": "Super Administrator",
    "APP_ADMIN": "Application Administrator",
    "HELP_DESK_ADMIN": "Help Desk Administrator",
    "READ_ONLY_ADMIN": "Read-only Administrator",
    "GROUP_MEMBERSHIP_ADMIN": "Group Membership Administrator",
    "CUSTOM": "Access review reader",
}
FACTORS = {
    # type: id prefix, provider, vendor
    "push": ("opf", "OKTA", "OKTA"),
    "signed_nonce": ("crp", "OKTA", "OKTA"),
    "token:software:totp": ("ost", "GOOGLE", "GOOGLE"),
    "webauthn": ("fwf", "FIDO", "FIDO"),
    "token:hardware": ("ykf", "YUBICO", "YUBICO"),
    "token:hotp": ("chf", "CUSTOM", "Entrust Datacard"),
    "web": ("duo", "DUO", "DUO"),
    "sms": ("mbl", "OKTA", "OKTA"),
    "call": ("clf", "OKTA", "OKTA"),
    "email": ("emf", "OKTA", "OKTA"),
    "question": ("ufs", "OKTA", "OKTA"),
    "retina:scan": ("rts", "ACME", "Acme Retina"),
}
APPS = (
    # key, catalogue name, label, sign-on mode, groups it is assigned to
    ("google", "google", "Google Workspace", "SAML_2_0", (WORKFORCE,)),
    ("slack", "slack", "Slack", "SAML_2_0", (WORKFORCE,)),
    ("zoom", "zoomus", "Zoom", "SAML_2_0", (WORKFORCE,)),
    ("github", "githubcloud", "GitHub Enterprise", "SAML_2_0", ("Engineering",)),
    ("aws", "amazon_aws_sso", "AWS production", "SAML_2_0", ()),
    ("salesforce", "salesforce", "Salesforce", "SAML_2_0", ("Sales",)),
    ("zendesk", "zendesk", "Zendesk", "SAML_2_0", ("Customer Success",)),
    ("netsuite", "netsuite", "NetSuite", "SAML_2_0", ("Finance",)),
    ("bamboo", "bamboohr", "BambooHR", "SAML_2_0", ("People",)),
    ("vpn", "palo_alto", "VPN", "SAML_2_0", (VPN,)),
    ("wiki", "bookmark", "Old wiki", "BOOKMARK", ()),
    ("ad", "active_directory", "corp.meridian.local", None, ()),
)
FIRST_NAMES = [
    "Adam",
    "Aisha",
    "Alba",
    "Amir",
    "Anja",
    "Arjun",
    "Astrid",
    "Beatriz",
    "Bilal",
    "Carla",
    "Chen",
    "Clara",
    "Daniel",
    "Daria",
    "David",
    "Edda",
    "Elias",
    "Emma",
    "Enzo",
    "Eva",
    "Fatima",
    "Filip",
    "Freya",
    "Gabriel",
    "Georg",
    "Hanna",
    "Hiro",
    "Ida",
    "Ilse",
    "Ivo",
    "Jana",
    "Jonas",
    "Julia",
    "Kai",
    "Karim",
    "Katya",
    "Lars",
    "Leila",
    "Leo",
    "Lin",
    "Luca",
    "Maja",
    "Mara",
    "Marco",
    "Mila",
    "Nadia",
    "Nils",
    "Olga",
    "Otto",
    "Paula",
    "Quinn",
    "Rafael",
    "Rana",
    "Rita",
    "Ruben",
    "Sara",
    "Sven",
    "Tara",
    "Theo",
    "Tim",
    "Uma",
    "Vera",
    "Wang",
    "Xenia",
    "Yara",
    "Zaid",
]
LAST_NAMES = [
    "Abbas",
    "Andersson",
    "Bauer",
    "Becker",
    "Berg",
    "Bianchi",
    "Castro",
    "Cohen",
    "Costa",
    "Diaz",
    "Eriksen",
    "Ferrari",
    "Fuchs",
    "Garcia",
    "Gomez",
    "Gruber",
    "Haas",
    "Hoffmann",
    "Horvat",
    "Ivanov",
    "Jensen",
    "Kaur",
    "Keller",
    "Khan",
    "Kim",
    "Koch",
    "Kumar",
    "Lang",
    "Larsen",
    "Lee",
    "Lopez",
    "Maier",
    "Marino",
    "Meyer",
    "Moller",
    "Nguyen",
    "Nowak",
    "Olsen",
    "Ortiz",
    "Papadakis",
    "Park",
    "Patel",
    "Popov",
    "Ricci",
    "Rossi",
    "Santos",
    "Sato",
    "Schulz",
    "Singh",
    "Smit",
    "Sokolov",
    "Svensson",
    "Takeda",
    "Torres",
    "Vargas",
    "Visser",
    "Wagner",
    "Winter",
    "Wolf",
    "Yamada",
    "Zhang",
    "Zimmer",
]
