/* The tables of the sigmoid and the hyperbolic tangent. */
#ifndef KWS_GATES_H
#define KWS_GATES_H

#include "arithmetic.h"

#define KWS_GATE_MIDDLE 1024 /* Where the tables have the value for 0. */

/* What a gate makes of `index`, which steps by 1 / 128. */
static inline int32_t kws_gate_value(const int16_t *table, int32_t index) {
    return table[kws_clamp(index, 0, 2 * KWS_GATE_MIDDLE - 1)];
}

#endif
