/* Audio to log-mel levels. */
#ifndef KWS_FRONTEND_H
#define KWS_FRONTEND_H

#include "model.h"

/* Levels of KWS_WINDOW samples, 128 taken away. */
void kws_frontend(const kws_model *model, const int16_t *audio, kws_scratch *scratch, int8_t *levels);

#endif
