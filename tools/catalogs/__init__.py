"""Gathers the provider catalogs of ``src/litellm_discover/data/catalogs`` from packages that were published.

``make catalogs`` writes them anew from what ``make tools`` installed; the same packages give the same bytes.
"""
