"""The provider's REST dialect: calls and messages as Twilio's API 2010-04-01 takes and shows them."""
