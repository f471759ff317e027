"""What every template may use, without loading it."""

from typing import Any

from django import template
from django.template import Context, RequestContext
from django.template.defaulttags import querystring
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language_bidi, ngettext

from portal import held
from portal.figures import in_per_cent
from portal.word.blocks import Chart
from portal.word.pictures import Drawing
from portal.word.pictures import drawing as drawing_of

register = template.Library()

register.filter("percent", in_per_cent)


@register.simple_tag
def bootstrap_css() -> str:
    """Where Bootstrap's style sheet is, for the direction of the page's language."""
    build = "bootstrap.rtl.min.css" if get_language_bidi() else "bootstrap.min.css"
    return static(f"js-lib-bootstrap5/css/{build}")


@register.simple_tag(takes_context=True)
def held_for(context: Context) -> SafeString:
    """The hidden field of a form whose text is kept if the session ends (`portal.held`)."""
    return format_html('<input type="hidden" name="{}" value="{}">', held.MARK, held.mark_of(context["request"].user))


@register.filter
def get(mapping: dict[Any, Any], key: Any) -> Any:
    return mapping.get(key)


@register.simple_tag(takes_context=True)
def page_query(context: RequestContext, name: str, number: int) -> str:
    """`{% querystring %}` for a parameter whose name is itself a value."""
    return str(querystring(context, context.request.GET, **{name: number}))


@register.filter
def drawing(chart: Chart) -> Drawing:
    """The bars of a chart of a document."""
    return drawing_of(chart)


@register.simple_tag
def share_bar(value: int | None) -> SafeString:
    """A bar beside a printed percentage; decoration, so that screen readers pass it by."""
    return format_html(
        '<svg class="share-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        '<rect class="share-bar-ground" width="100" height="4"/><rect class="share-bar-value" width="{}" height="4"/>'
        "</svg>",
        value or 0,
    )


@register.simple_tag
def count_of_base(count: int, base: int) -> str:
    """`14 of 21 offices`."""
    return ngettext("%(count)d of %(base)d office", "%(count)d of %(base)d offices", base) % {
        "count": count,
        "base": base,
    }
