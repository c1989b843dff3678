"""The database itself refuses to change what is recorded, whoever asks."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The ledger is append-only: % on % is refused.', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_refuse_unless_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('muster.ledger_sealing', true) = 'on' AND EXISTS (
        SELECT FROM ledger_segment AS segment
        WHERE segment.subject = OLD.subject AND OLD.seq BETWEEN segment.first_seq AND segment.last_seq
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'The ledger is append-only: entry % of % is not in a sealed segment.', OLD.seq, OLD.subject
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_refuse_unless_erasing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_setting('muster.ledger_erasing', true) = 'on' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Personal text % of % is erased by its own operation only.', OLD.seq, OLD.subject
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION ledger_head_moves_forward() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.subject <> OLD.subject OR NEW.seq < OLD.seq OR (NEW.seq = OLD.seq AND NEW.hash <> OLD.hash)
        OR NEW.anchored_seq < OLD.anchored_seq OR NEW.anchored_seq > NEW.seq THEN
        RAISE EXCEPTION 'The head of % only moves forward.', OLD.subject USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER ledger_entry_never_updated BEFORE UPDATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entry_deleted_when_sealed BEFORE DELETE ON ledger_entry
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_sealed();
CREATE TRIGGER ledger_entry_never_truncated BEFORE TRUNCATE ON ledger_entry
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_personaltext_never_updated BEFORE UPDATE ON ledger_personaltext
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_personaltext_deleted_when_erasing BEFORE DELETE ON ledger_personaltext
    FOR EACH ROW EXECUTE FUNCTION ledger_refuse_unless_erasing();
CREATE TRIGGER ledger_personaltext_never_truncated BEFORE TRUNCATE ON ledger_personaltext
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_segment_never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger_segment
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TRIGGER ledger_head_forward BEFORE UPDATE ON ledger_head
    FOR EACH ROW EXECUTE FUNCTION ledger_head_moves_forward();
CREATE TRIGGER ledger_head_never_removed BEFORE DELETE OR TRUNCATE ON ledger_head
    FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
"""

BACK = r"""
DROP TRIGGER ledger_head_never_removed ON ledger_head;
DROP TRIGGER ledger_head_forward ON ledger_head;
DROP TRIGGER ledger_segment_never_changed ON ledger_segment;
DROP TRIGGER ledger_personaltext_never_truncated ON ledger_personaltext;
DROP TRIGGER ledger_personaltext_deleted_when_erasing ON ledger_personaltext;
DROP TRIGGER ledger_personaltext_never_updated ON ledger_personaltext;
DROP TRIGGER ledger_entry_never_truncated ON ledger_entry;
DROP TRIGGER ledger_entry_deleted_when_sealed ON ledger_entry;
DROP TRIGGER ledger_entry_never_updated ON ledger_entry;
DROP FUNCTION ledger_head_moves_forward();
DROP FUNCTION ledger_refuse_unless_erasing();
DROP FUNCTION ledger_refuse_unless_sealed();
DROP FUNCTION ledger_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
