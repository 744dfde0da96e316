/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/dsp/modem.h"

const struct modem_class modem_bell202 = {.branches = 1};
