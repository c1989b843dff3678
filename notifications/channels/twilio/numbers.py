"""Phone numbers, as every carrier takes them."""

from notifications.phone.numbers import clean_number as clean_number
