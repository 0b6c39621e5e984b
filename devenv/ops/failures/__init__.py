"""Why a service failed, in words, with evidence."""
