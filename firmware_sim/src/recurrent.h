/* A gated recurrent layer. */
#ifndef KWS_RECURRENT_H
#define KWS_RECURRENT_H

#include "model.h"

/* One step of layer `layer` over what the layer below says; changes the layer's state in `net`. */
void kws_recurrent(const kws_model *model, uint32_t layer, const int8_t *x, kws_scratch *scratch, kws_net *net);

#endif
