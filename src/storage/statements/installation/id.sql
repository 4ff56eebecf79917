select desk from meta
