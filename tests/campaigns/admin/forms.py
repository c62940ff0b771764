"""The admin's forms as a browser fills them."""

from django.urls import reverse


def form_of(client, row):
    """The address of a row's form, and what the browser would send back unchanged."""
    address = reverse(f"admin:campaigns_{row._meta.model_name}_change", args=[row.pk])
    form = client.get(address).context["adminform"].form
    data = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress"):
            parts = value if isinstance(value, list) else widget.decompress(value)
            names = getattr(widget, "widgets_names", [f"_{i}" for i in range(len(parts))])
            for suffix, part in zip(names, parts, strict=True):
                data[f"{bound.html_name}{suffix}"] = "" if part is None else part
        else:
            data[bound.html_name] = "" if value is None else value
    return address, {name: value for name, value in data.items() if value is not False}
