"""Entry point of the web process (pages and API)."""

import os
from pathlib import Path

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.start import load_views, read_settings
from statuspage.publishing.serving import PublishedFiles

# Nobody at a screen waits longer than this, and no request of a vanished browser holds a lock. Processes that migrate,
# export or seal have no such limit; the engine sets its own from each duty's budget.
os.environ.setdefault("STATEMENT_TIMEOUT_MS", "10000")
os.environ.setdefault("LOCK_TIMEOUT_MS", "5000")
os.environ.setdefault("IDLE_IN_TRANSACTION_TIMEOUT_MS", "30000")
read_settings()
application = PublishedFiles(get_wsgi_application(), root=Path(settings.STATUS_PUBLISH_DIR))
load_views()
