"""Nothing secret reaches a log: a filter that blanks keys, secrets, codes and cookies."""

import logging
import re
import sys

# What secrets look like on a log line, and the part of the match that is kept.
_SECRETS = (
    (re.compile(r"(SSWS\s*)[\w\-.~+/=]+", re.I), r"\1[redacted]"),
    (re.compile(r"((?:Bearer|Basic)\s+)[\w\-.~+/=]+", re.I), r"\1[redacted]"),
    (re.compile(r"((?:cookie|authorization)['\"]?\s*[:=]\s*)[^\r\n]+", re.I), r"\1[redacted]"),
    (
        re.compile(
            r"((?:api_?key|client_?secret|secret_?key|password|code_verifier|id_token|"
            r"access_token)['\"]?\s*[=:]\s*['\"]?)[^\s&'\",;]+",
            re.I,
        ),
        r"\1[redacted]",
    ),
    (
        re.compile(r"([?&](?:code|state|nonce|login_hint|id_token_hint)=)[^\s&\"']+"),
        r"\1[redacted]",
    ),
    # An Okta API token wherever it stands: "00" and 40 characters.
    (re.compile(r"\b00[\w\-]{40}(?![\w\-])"), "[redacted]"),
    # The password in a database URL.
    (re.compile(r"(://[^:/\s@]+:)[^@\s]+(@)"), r"\1[redacted]\2"),
)


def redact(text: str) -> str:
    """The text with everything that looks like a secret blanked."""
    for pattern, kept in _SECRETS:
        text = pattern.sub(kept, text)
    return text


class RedactingFormatter(logging.Formatter):
    """Formats as usual, tracebacks included, and blanks secrets in the outcome."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configure_logging(level: str) -> None:
    """Send our loggers to standard error, redacted. Streamlit's and uvicorn's are covered too."""
    formatter = RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    root = logging.getLogger()
    if not any(isinstance(h.formatter, RedactingFormatter) for h in root.handlers):
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(formatter)
        root.addHandler(handler)
    for name in ("", "streamlit", "uvicorn", "uvicorn.error", "uvicorn.access"):
        for known_handler in logging.getLogger(name).handlers:
            known_handler.setFormatter(formatter)
    known = logging.getLevelNamesMapping()
    for name in ("workflows", "okta_client", "storage", "ui"):
        logging.getLogger(name).setLevel(known.get(level.upper(), logging.INFO))
