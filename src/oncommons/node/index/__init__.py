"""Coded tables, their statistics, and questions compiled to SQL over them."""
