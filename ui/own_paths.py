"""Where a sign-in may lead back to: a page of ours with its query, and nowhere else."""

from urllib.parse import urlsplit

from ui.places import PLACES

LONGEST = 2000


def own_path(text: str | None) -> str | None:
    """The path and query to go to; "/" for none. None when it is not one of our pages."""
    if not text:
        return "/"
    if len(text) > LONGEST or not text.startswith("/"):
        return None
    # Browsers read backslashes as slashes, and skip tabs and line breaks.
    if "\\" in text or any(ord(char) < 33 or ord(char) == 127 for char in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme or parts.netloc or not is_page(parts.path):
        return None
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def own_path_of_url(url: str | None, base_url: str) -> str | None:
    """The same of a whole address, which must be on this app."""
    if not url:
        return "/"
    if url == base_url:
        return "/"
    return own_path(url.removeprefix(base_url)) if url.startswith(f"{base_url}/") else None


def is_page(path: str) -> bool:
    """Whether a path is the front page or one of our pages."""
    return path == "/" or path.strip("/") in {place.name for place in PLACES}
