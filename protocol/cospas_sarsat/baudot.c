/* SPDX-License-Identifier: Apache-2.0 */
#include "baudot.h"

/* T.001 Table A3 */
static const char characters[64] = {
    [56] = 'A', [51] = 'B', [46] = 'C', [50] = 'D', [48] = 'E', [54] = 'F', [43] = 'G', [37] = 'H',
    [44] = 'I', [58] = 'J', [62] = 'K', [41] = 'L', [39] = 'M', [38] = 'N', [35] = 'O', [45] = 'P',
    [61] = 'Q', [42] = 'R', [52] = 'S', [33] = 'T', [60] = 'U', [47] = 'V', [57] = 'W', [55] = 'X',
    [53] = 'Y', [49] = 'Z', [36] = ' ', [24] = '-', [23] = '/', [13] = '0', [29] = '1', [25] = '2',
    [16] = '3', [10] = '4', [1] = '5',  [21] = '6', [28] = '7', [12] = '8', [3] = '9',
};

char baudot_character(unsigned code)
{
    return code < sizeof characters ? characters[code] : 0;
}

int baudot_code(char character)
{
    for (int code = 0; character && code < (int)sizeof characters; code++)
        if (characters[code] == character)
            return code;
    return -1;
}
