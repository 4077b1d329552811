/* out.h -- text to the host's output: its write function, or a descriptor.
 *
 * A descriptor that does not block may take part of the text; the rest stays
 * here, and the owner says LT_BUSY until it has gone. Nothing is ever written
 * twice or torn apart by another row. */
#ifndef LT_CONNECTORS_OUT_H
#define LT_CONNECTORS_OUT_H

#include "catalog/connector.h"

struct lt_out {
    const struct lt_connector_env *env;
    struct lt_buf text; /* rows are added here */
    size_t gone;        /* bytes of it already written */
};

void lt_out_init(struct lt_out *out, const struct lt_connector_env *env);
void lt_out_close(struct lt_out *out);
/* LT_BUSY when some of it could not be written yet. */
lt_status lt_out_flush(struct lt_out *out, struct lt_error *err) LT_MUST_CHECK;

#endif
