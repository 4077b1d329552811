/* registry.c -- connectors.def and formats.def as arrays. */
#include "connectors/registry.h"

const struct lt_connector *const lt_connectors[] = {
#define LT_CONNECTOR(name) &lt_connector_##name,
#include "connectors/connectors.def"
#undef LT_CONNECTOR
    NULL,
};

const struct lt_format *const lt_formats[] = {
#define LT_FORMAT(name) &lt_format_##name,
#include "connectors/formats/formats.def"
#undef LT_FORMAT
    NULL,
};

const struct lt_connector_registry lt_builtin_registry = {
    .connectors = lt_connectors,
    .formats = lt_formats,
};
