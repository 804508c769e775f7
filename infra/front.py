"""What the content network on AWS and the local front door share: paths and headers."""

from collections.abc import Mapping

# What goes to the services' API; the sandbox's own API is behind /sandbox/, all else is a page.
SERVICE_PATHS = ("/v1", "/hooks", "/docs", "/openapi.json")
SANDBOX_PATH = "/sandbox/"

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=()"

HEADERS: Mapping[str, str] = {
    "content-security-policy": CONTENT_SECURITY_POLICY,
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": PERMISSIONS,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}

# A file under /assets has the digest of its bytes in its name; every other file is asked for anew.
FOR_EVER = "public, max-age=31536000, immutable"
ASK_AGAIN = "no-cache"


def cache_control(path: str) -> str:
    """How long a browser may keep a file of the pages."""
    return FOR_EVER if path.startswith("assets/") else ASK_AGAIN
