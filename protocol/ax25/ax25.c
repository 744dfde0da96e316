/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/protocol/protocol.h"

const struct protocol protocol_ax25 = {.address_space = "ax25"};
