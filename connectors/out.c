/* out.c -- text to the host's output: its write function, or a descriptor. */
#include "connectors/out.h"

#include <errno.h>
#include <unistd.h>

void lt_out_init(struct lt_out *out, const struct lt_connector_env *env)
{
    out->env = env;
    out->gone = 0;
    lt_buf_init(&out->text, env->alloc);
}

void lt_out_close(struct lt_out *out)
{
    lt_buf_close(&out->text);
}

lt_status lt_out_flush(struct lt_out *out, struct lt_error *err)
{
    LT_TRY(out->text.status);
    if (out->env->out_write && out->text.len > out->gone) {
        out->env->out_write(out->env->out_ctx, out->text.data + out->gone,
                            out->text.len - out->gone);
        out->gone = out->text.len;
    }
    while (out->gone < out->text.len) {
        ssize_t n = write(out->env->out_fd, out->text.data + out->gone, out->text.len - out->gone);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            return LT_BUSY;
        if (n < 0)
            return lt_fail(err, LT_IO, "cannot write the output: %s", strerror(errno));
        out->gone += (size_t)n;
    }
    out->gone = 0;
    lt_buf_clear(&out->text);
    return LT_OK;
}
