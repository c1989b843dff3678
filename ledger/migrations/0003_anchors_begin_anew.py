"""After a restore, heads are anchored anew: their marks may go back, inside that operation's transaction only."""

from django.db import migrations

MOVES_FORWARD = r"""
CREATE OR REPLACE FUNCTION ledger_head_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject <> OLD.subject OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)
        OR {anchored_back} OR NEW.anchored_seq > NEW.seq THEN
        RAISE EXCEPTION 'The head of % only moves forward.', OLD.subject USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
"""

BEFORE = MOVES_FORWARD.format(anchored_back="NEW.anchored_seq < OLD.anchored_seq")
AFTER = MOVES_FORWARD.format(
    anchored_back="""(
            NEW.anchored_seq < OLD.anchored_seq
            AND coalesce(current_setting('muster.ledger_anchoring_anew', true), '') <> 'on'
        )""",
)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_guards")]

    operations = [migrations.RunSQL(AFTER, BEFORE)]
