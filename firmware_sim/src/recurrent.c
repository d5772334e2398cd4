/* reset, update = sigmoid(input + hidden); new = tanh(input + reset * hidden); state = new + update * (state - new). */
#include "recurrent.h"

#include "gates.h"
#include "product.h"

#define CARRIED_ZERO 32768

void kws_recurrent(const kws_model *model, uint32_t layer, const int8_t *x, kws_scratch *scratch, kws_net *net) {
    const kws_matrix *input = &model->recurrent[layer].input, *hidden = &model->recurrent[layer].hidden;
    int32_t *from_input = scratch->product.sums, *from_hidden = scratch->product.other;
    kws_sums(input, x, scratch->product.pairs, from_input);
    kws_sums(hidden, net->seen[layer], scratch->product.pairs, from_hidden);
    for (uint32_t unit = 0; unit < KWS_HIDDEN; unit++) {
        int32_t in[3], back[3];
        for (uint32_t gate = 0, row = unit; gate < 3; gate++, row += KWS_HIDDEN) {
            in[gate] = kws_rescaled(input, row, from_input[row]);
            back[gate] = kws_rescaled(hidden, row, from_hidden[row]);
        }
        const int32_t reset = kws_gate_value(model->sigmoid, in[0] + back[0]);
        const int32_t update = kws_gate_value(model->sigmoid, in[1] + back[1]);
        const int32_t memory = (reset * back[2] + KWS_ONE / 2) >> KWS_ONE_BITS;
        const int32_t fresh = kws_gate_value(model->tanh, KWS_GATE_MIDDLE + in[2] + memory) + CARRIED_ZERO;
        const int32_t carried = fresh + ((update * (net->carried[layer][unit] - fresh)) >> KWS_ONE_BITS);
        net->carried[layer][unit] = (uint16_t)carried;
        net->seen[layer][unit] = (int8_t)((carried - CARRIED_ZERO) >> 8);
    }
}
