"""One GET to one origin. The only file that sends requests to Okta with the API key.

It can send nothing but GET, follows no redirect, sends the key to its own origin only, and turns
every answer into either an Answer or the typed error that says what a person must do.
"""

import json
import os
import random
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.auth import AuthBase
from requests.structures import CaseInsensitiveDict
from requests.utils import get_environ_proxies
from urllib3.exceptions import HTTPError, ReadTimeoutError

from okta_client.addresses import is_loopback, same_origin
from okta_client.errors import (
    KeyInvalid,
    NotAnOktaOrg,
    OktaError,
    TookTooLong,
    Unavailable,
    UnexpectedAnswer,
)
from okta_client.judging import judge
from okta_client.rate_limit import Pacer, bucket_of

CONNECT_SECONDS, READ_SECONDS = 5.0, 35.0  # Okta gives up on a query after 30 s
# Each read within READ_SECONDS is not enough: a body can drip for ever.
ANSWER_SECONDS = 120.0
# Tries of one request: in a sync, and where somebody waits for the page.
ATTEMPTS, SOMEBODY_WAITS = 6, 2
# When the last try may begin after the first.
PATIENCE = 900.0
# A page of 1,000 members is about 3 MB; more than this is not a page.
LARGEST_BODY = 100 * 1024 * 1024
CHUNK = 256 * 1024
USER_AGENT = "Countersign (read-only)"
# A link's target may hold commas and semicolons: only its brackets say where it ends.
_LINK = re.compile(r"<([^>]*)>([^<]*)")
_REL = re.compile(r""";\s*rel\s*=\s*["']?([^"';,]+)""", re.I)


@dataclass(frozen=True)
class Answer:
    """What Okta said to one GET: the body as sent, and as parsed JSON.

    received_sha256: of the body as it came, where okta_client/minimal.py has blanked it since.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    json: Any
    request_id: str | None
    received_at: datetime
    recalled: bool = field(default=False)
    received_sha256: str | None = None

    @property
    def links(self) -> dict[str, str]:
        """The Link header's targets by rel, whether it came in one line or several (RFC 8288)."""
        found = {}
        for url, about in _LINK.findall(self.headers.get("Link") or ""):
            if rel := _REL.search(about):
                found[rel.group(1).strip().lower()] = url
        return found


class _Key(AuthBase):
    """Puts the API key on a request, and on none that goes to another origin."""

    def __init__(self, key: str, origin: str, scheme: str):
        self._key = key
        self._origin = origin
        self._scheme = scheme

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        # Asked again of the address that is really called, after every rewriting of it.
        self.check(request.url or "", "")
        request.headers["Authorization"] = f"{self._scheme} {self._key}"
        return request

    def check(self, url: str, endpoint: str) -> None:
        """Raise unless the key may go there."""
        if not same_origin(url, self._origin):
            raise UnexpectedAnswer(
                "The API key is for one organization only, and this address is another.",
                endpoint=endpoint,
            )
        if not (self._key.isascii() and self._key.isprintable()):
            raise KeyInvalid(
                "The API key holds characters that no key has: copy it again.", endpoint=endpoint
            )

    def hide(self, text: str) -> str:
        """A text without the key."""
        return text.replace(self._key, "[key]") if self._key else text


class Transport:
    """GETs from one origin. Thread-safe. api_key None: only what needs no key can be read.

    scheme: "Bearer" where the key is a signed-in person's own access token.
    """

    def __init__(
        self,
        origin: str,
        api_key: str | None,
        *,
        scheme: str = "SSWS",
        pacer: Pacer | None = None,
        timeouts: tuple[float, float] = (CONNECT_SECONDS, READ_SECONDS),
        connections: int = 64,
        attempts: int = ATTEMPTS,
        sleep: Callable[[float], None] = time.sleep,
    ):
        self.origin = origin.rstrip("/")
        self.pacer = pacer or Pacer(time.monotonic)
        self._timeouts = timeouts
        self._attempts = attempts
        self._sleep = sleep
        self._auth = _Key(api_key, self.origin, scheme) if api_key is not None else None
        self._session = requests.Session()
        set_way_out(self._session, self.origin)
        adapter = HTTPAdapter(pool_connections=1, pool_maxsize=connections, max_retries=0)
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})

    def __repr__(self) -> str:
        return f"Transport({self.origin!r})"

    def get(
        self,
        path_or_url: str,
        params: Mapping[str, str] | None = None,
        *,
        send_key: bool = True,
    ) -> Answer:
        """Read, with pacing and a bounded number of tries. Raises OktaError."""
        url = self.url(path_or_url, params)
        bucket = bucket_of(urlsplit(url).path)
        began = time.monotonic()
        attempt = 0
        while True:
            attempt += 1
            while wait := self.pacer.try_acquire(bucket):
                self._sleep(wait)
            try:
                return self.get_once(url, send_key=send_key)
            except OktaError as error:
                late = time.monotonic() - began > PATIENCE
                if not error.retryable or attempt >= self._attempts or late:
                    raise
                pause = backoff(attempt) + (error.wait or 0.0)
            finally:
                self.pacer.release(bucket)
            self._sleep(pause)

    def get_once(self, url: str, *, send_key: bool = True) -> Answer:
        """One try, without pacing. The error's retryable and wait say whether another may help."""
        endpoint = urlsplit(url).path
        auth = self._auth if send_key else None
        if auth is not None:
            auth.check(url, endpoint)
        hide = auth.hide if auth is not None else str
        failure: OktaError | None = None
        try:
            with self._session.get(
                url,
                auth=auth,
                timeout=self._timeouts,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _read(response, endpoint)
        except (requests.RequestException, HTTPError) as error:
            failure = _broken(error, url)
        if failure is not None:
            # Raised out here: inside the handler it would carry the library's error along, whose
            # request holds the key.
            raise failure
        status, headers = response.status_code, response.headers
        wait = self.pacer.observe(bucket_of(endpoint), status, headers)
        parsed = judge(url, status, headers, body, wait=wait, hide=hide)
        request_id = headers.get("X-Okta-Request-Id")
        return Answer(url, status, headers, body, parsed, request_id, datetime.now(UTC))

    def url(self, path_or_url: str, params: Mapping[str, str] | None = None) -> str:
        """The whole address of a path on our origin."""
        whole = path_or_url.startswith(("https://", "http://"))
        url = path_or_url if whole else self.origin + path_or_url
        return f"{url}?{urlencode(params)}" if params else url


def set_way_out(session: requests.Session, origin: str) -> None:
    """Proxies and certificates from the environment for one origin; no cookies, no .netrc."""
    # Environment read once, and never for the key: a .netrc would replace it, and a proxy
    # must not see what goes over plain http to this machine.
    session.trust_env = False
    if not is_loopback(urlsplit(origin).hostname or ""):
        session.proxies = get_environ_proxies(origin)
        bundle = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
        session.verify = bundle or True
    # Okta's session cookies would make requests depend on each other.
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))


def backoff(attempt: int) -> float:
    """Seconds before the next try: exponential with full jitter, at most 20 s."""
    return random.uniform(0.1, min(20.0, 0.5 * 2**attempt))  # noqa: S311


def recalled(
    url: str,
    *,
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    request_id: str | None,
    received_at: datetime,
) -> Answer:
    """An answer kept from before, as if it had just come."""
    kept: CaseInsensitiveDict[str] = CaseInsensitiveDict(headers)
    return Answer(url, status, kept, body, json.loads(body), request_id, received_at, recalled=True)


def _read(response: requests.Response, endpoint: str) -> bytes:
    """The whole body, decompressed, within bounds of size and time."""
    chunks = []
    size = 0
    deadline = time.monotonic() + ANSWER_SECONDS
    # read1 returns with what has come: a body that drips is noticed.
    while chunk := response.raw.read1(CHUNK, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST_BODY:
            raise UnexpectedAnswer("Okta's answer is larger than any page.", endpoint=endpoint)
        if time.monotonic() > deadline:
            raise TookTooLong("Okta's answer did not end.", endpoint=endpoint, retryable=True)
    return b"".join(chunks)


def _broken(error: Exception, url: str) -> OktaError:
    """Why there was no answer. The library's own text may hold the query; ours does not."""
    host, endpoint = urlsplit(url).hostname, urlsplit(url).path
    if isinstance(error, requests.exceptions.SSLError) and "CERTIFICATE_VERIFY" in str(error):
        return NotAnOktaOrg(
            f"{host} did not prove its identity (TLS certificate).", endpoint=endpoint
        )
    if isinstance(error, requests.exceptions.ReadTimeout | ReadTimeoutError):
        return TookTooLong(f"{host} did not answer in time.", endpoint=endpoint, retryable=True)
    return Unavailable(
        f"{host} could not be reached, or broke off its answer.", endpoint=endpoint, retryable=True
    )
