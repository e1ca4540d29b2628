"""The gate: may this be asked, may this be answered? One engine over tables that governance staff can read."""
