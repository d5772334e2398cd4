/* The energy gate: whether anything is loud enough above its background for the network to look at it. */
#ifndef KWS_GATE_H
#define KWS_GATE_H

#include "kws.h"

void kws_gate_reset(kws_gate *gate);

/* Take the KWS_MELS levels of a frame; whether the gate is open. */
bool kws_gate_push(kws_gate *gate, const int8_t *levels);

#endif
