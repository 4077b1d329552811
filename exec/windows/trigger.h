/* trigger.h -- inside exec/windows: the reasons for which windows speak, from EMIT. */
#ifndef LT_EXEC_WINDOWS_TRIGGER_H
#define LT_EXEC_WINDOWS_TRIGGER_H

#include "exec/windows/shown.h"

enum lt_reason {
    LT_REASON_WATERMARK = 1, /* it has become final */
    LT_REASON_EARLY = 2,     /* it has changed before */
    LT_REASON_LATE = 4,      /* it has changed since */
    LT_REASON_ROWS = 8,      /* so many rows have come */
};

struct lt_trigger {
    const struct lt_emit *emit;
    int64_t next_early, next_late; /* processing time; LT_WATERMARK_MAX = none */
};

void lt_trigger_open(struct lt_trigger *trigger, const struct lt_emit *emit);
/* Reasons there are at the end of an epoch, and when the clock has reached a time. */
unsigned lt_trigger_epoch(const struct lt_trigger *trigger);
unsigned lt_trigger_timer(struct lt_trigger *trigger, int64_t time_us);
/* When the clock is wanted next; EVERY runs while something has `changed`. */
int64_t lt_trigger_next(struct lt_trigger *trigger, bool changed, int64_t now_us);
/* Does a window that has changed speak now? */
bool lt_trigger_speaks(const struct lt_trigger *trigger, const struct lt_shown *shown, bool final,
                       unsigned reasons);

#endif
