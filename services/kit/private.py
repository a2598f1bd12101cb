"""Files only their owner reads: keys and one-time codes."""

from pathlib import Path


def write_private(path: Path, content: bytes) -> None:
    """The file holds the whole content or is as it was, and nobody else could read it at any instant."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)
