/* SPDX-License-Identifier: Apache-2.0 */
#include "atalaya/result.h"

const char *atalaya_result_text(enum atalaya_result result)
{
    switch (result) {
    case ATALAYA_OK:
        return "ok";
    case ATALAYA_END:
        return "end of input";
    case ATALAYA_E_ARGUMENT:
        return "impossible argument";
    case ATALAYA_E_LENGTH:
        return "wrong length";
    case ATALAYA_E_CHECK:
        return "check failed";
    case ATALAYA_E_FORMAT:
        return "wrong format";
    case ATALAYA_E_RANGE:
        return "value out of range";
    case ATALAYA_E_UNSUPPORTED:
        return "not supported";
    case ATALAYA_E_FULL:
        return "full";
    case ATALAYA_E_MEMORY:
        return "out of memory";
    case ATALAYA_E_IO:
        return "input/output error";
    case ATALAYA_E_GONE:
        return "gone";
    case ATALAYA_E_DENIED:
        return "refused";
    }
    return "unknown result";
}
