"""Static files under names that carry their digest, compressed; and under their plain names before `collectstatic`."""

from __future__ import annotations

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):  # type: ignore[misc]  # whitenoise ships no types
    """Browsers may keep a hashed name for ever. A file not collected yet is served by its plain name for minutes."""

    manifest_strict = True
    support_js_module_import_aggregation = True  # `import "./x.js"` names the hashed file too

    def stored_name(self, name: str) -> str:
        """Return the hashed name from the manifest, or `name` itself when it was not collected."""
        try:
            hashed: str = super().stored_name(name)
        except ValueError:
            return name
        return hashed
