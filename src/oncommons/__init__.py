"""Federated cancer questions with answers you can trust."""
