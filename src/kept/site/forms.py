"""How every form on the site is drawn."""

from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """`{{ form }}`: the summary of problems, then the fields. `{{ form.name.as_field_group }}`: one field."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
