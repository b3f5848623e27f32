"""Putting devices into service: certificates, enrolment, broker configuration."""
