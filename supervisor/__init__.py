"""Starts and keeps every process of one Muster on one machine; knows commands and files, nothing of the product."""
