"""How Django writes a form here: label, help, field and error by our own component, for every form of every app."""

from django.forms.renderers import DjangoTemplates


class Renderer(DjangoTemplates):
    """The form renderer of the product (setting `FORM_RENDERER`). `{{ form }}` and `as_field_group` use it."""

    form_template_name = "components/fields.html"
    field_template_name = "components/field.html"
