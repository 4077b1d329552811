/* registry.h -- the lists of all connectors and formats that are built in. */
#ifndef LT_CONNECTORS_REGISTRY_H
#define LT_CONNECTORS_REGISTRY_H

#include "catalog/connector.h"

#define LT_CONNECTOR(name) extern const struct lt_connector lt_connector_##name;
#include "connectors/connectors.def"
#undef LT_CONNECTOR
#define LT_FORMAT(name) extern const struct lt_format lt_format_##name;
#include "connectors/formats/formats.def"
#undef LT_FORMAT

extern const struct lt_connector *const lt_connectors[]; /* NULL-terminated */
extern const struct lt_format *const lt_formats[];
extern const struct lt_connector_registry lt_builtin_registry; /* both */

#endif
