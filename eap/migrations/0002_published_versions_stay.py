"""The database itself refuses to change a published version of a plan, whoever asks."""

from django.db import migrations

FORWARD = r"""
CREATE FUNCTION eap_planversion_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state IN ('published', 'rejected') THEN
        RAISE EXCEPTION 'Version % of plan % is % and never changes.', OLD.number, OLD.plan_id, OLD.state
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER eap_planversion_stays BEFORE UPDATE OR DELETE ON eap_planversion
    FOR EACH ROW EXECUTE FUNCTION eap_planversion_guard();

CREATE FUNCTION eap_review_guard() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'What a reviewer said is never changed.' USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER eap_review_stays BEFORE UPDATE OR DELETE ON eap_review
    FOR EACH ROW EXECUTE FUNCTION eap_review_guard();
"""

BACK = r"""
DROP TRIGGER eap_review_stays ON eap_review;
DROP FUNCTION eap_review_guard();
DROP TRIGGER eap_planversion_stays ON eap_planversion;
DROP FUNCTION eap_planversion_guard();
"""


class Migration(migrations.Migration):
    dependencies = [("eap", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACK)]
