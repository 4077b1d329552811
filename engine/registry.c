/* registry.c -- joins the lists of functions, aggregates, connectors and formats. */
#include "connectors/registry.h"
#include "engine/engine.h"
#include "exec/aggregates/aggregates.h"
#include "exec/functions/functions.h"

const struct lt_function_registry engine_functions = {
    .functions = lt_functions,
    .aggregates = lt_aggregates,
};

/* The built-in connectors, and those whose other end is the embedding program. */
const struct lt_connector *const engine_connectors[] = {
    &lt_connector_feed,
    &lt_connector_callback,
#define LT_CONNECTOR(name) &lt_connector_##name,
#include "connectors/connectors.def"
#undef LT_CONNECTOR
    NULL,
};
