/* The network: levels in, one probability per step out. */
#ifndef KWS_NET_H
#define KWS_NET_H

#include "model.h"

/* The state before the first sample. */
void kws_net_reset(kws_net *net);

/* Probability, at most KWS_ONE, after the KWS_PAST + KWS_STRIDE frames of `span`. */
uint32_t kws_net_step(const kws_model *model, kws_net *net, const int8_t *span, kws_scratch *scratch);

#endif
