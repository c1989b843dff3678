"""The database itself refuses to rewrite what hit customers, whoever asks."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION statuspage_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The impact timeline is append-only: % on % is refused. Add a row that supersedes it.',
        TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER statuspage_impactchange_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON statuspage_impactchange
    FOR EACH STATEMENT EXECUTE FUNCTION statuspage_refuse();
"""

BACK = r"""
DROP TRIGGER statuspage_impactchange_never_changed ON statuspage_impactchange;
DROP FUNCTION statuspage_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("statuspage", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
