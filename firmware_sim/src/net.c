#include "net.h"

#include <string.h>

#include "convolution.h"
#include "gates.h"
#include "product.h"
#include "recurrent.h"

#define CARRIED_ZERO 32768
#define NOTHING (-128) /* A rectified 0, its zero point taken away. */

void kws_net_reset(kws_net *net) {
    memset(net, 0, sizeof *net);
    memset(net->rows, NOTHING, sizeof net->rows);
    for (uint32_t layer = 0; layer < KWS_LAYERS; layer++) {
        for (uint32_t unit = 0; unit < KWS_HIDDEN; unit++) {
            net->carried[layer][unit] = CARRIED_ZERO;
        }
    }
}

static uint32_t output(const kws_model *model, const int8_t *x, kws_scratch *scratch) {
    int32_t sum;
    kws_sums(&model->output, x, scratch->product.pairs, &sum);
    const int32_t probability = kws_gate_value(model->sigmoid, kws_rescaled(&model->output, 0, sum));
    return (uint32_t)kws_clamp(probability, 0, KWS_ONE);
}

/* All convolutions over the levels of `span`; each but the first reads on from what it has read before. */
static void convolve(const kws_model *model, const int8_t *span, kws_scratch *scratch, kws_net *net) {
    const kws_convolution *layer = model->convolutions, *const last = layer + KWS_CONVOLUTIONS - 1;
    const int8_t *rows = span;
    for (; layer != last; layer++) {
        const kws_convolution *next = layer + 1;
        const uint32_t past = next->past * next->width, fresh = layer->outputs * next->width;
        int8_t *kept = net->rows + next->kept;
        memmove(kept, kept + fresh, past);
        kws_convolve(layer, rows, scratch, kept + past);
        rows = kept;
    }
    kws_convolve(last, rows, scratch, net->active);
}

uint32_t kws_net_step(const kws_model *model, kws_net *net, const int8_t *span, kws_scratch *scratch) {
    convolve(model, span, scratch, net);
    const int8_t *x = net->active;
    for (uint32_t layer = 0; layer < KWS_LAYERS; layer++) {
        kws_recurrent(model, layer, x, scratch, net);
        x = net->seen[layer];
    }
    return output(model, x, scratch);
}
