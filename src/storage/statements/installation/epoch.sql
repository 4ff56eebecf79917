select epoch from meta
