"""Scaled decimals in serializers and filters; left alone, DRF shows 88.50 as the integer 88."""

from copy import deepcopy

from django_filters import NumberFilter
from django_filters.rest_framework import FilterSet
from rest_framework import serializers

from sellers.models import ScaledDecimalField


class ExactModelSerializer(serializers.ModelSerializer):
    """A ModelSerializer that shows scaled decimals as text with all their places."""

    def build_standard_field(self, field_name, model_field):
        """A DecimalField with the model field's places; everything else as DRF has it."""
        if not isinstance(model_field, ScaledDecimalField):
            return super().build_standard_field(field_name, model_field)
        options = {
            "max_digits": model_field.max_digits,
            "decimal_places": model_field.decimal_places,
            "allow_null": model_field.null,
            "required": not (model_field.null or model_field.has_default()),
            "min_value": -model_field.largest,
            "max_value": model_field.largest,
        }
        return serializers.DecimalField, options


class ExactFilterSet(FilterSet):
    """A FilterSet that filters scaled decimals by number."""

    FILTER_DEFAULTS = {
        **deepcopy(FilterSet.FILTER_DEFAULTS),
        ScaledDecimalField: {"filter_class": NumberFilter},
    }
