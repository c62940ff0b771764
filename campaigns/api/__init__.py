"""The API over campaigns: for dashboards, sellers' own tools and big screens."""
