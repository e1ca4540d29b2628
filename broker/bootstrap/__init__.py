"""Composition: the only room that names adapters. From one configuration file it builds one process's parts."""
