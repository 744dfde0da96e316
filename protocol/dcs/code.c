/* SPDX-License-Identifier: Apache-2.0 */
#include "code.h"

/* The 104 codes that radios offer: no two of them are turns of one another, and the inverse of each is a turn
 * of another one (checked by the test). Octal, as they are spoken of. */
const uint16_t dcs_codes[DCS_CODES] = {
    0023, 0025, 0026, 0031, 0032, 0036, 0043, 0047, 0051, 0053, 0054, 0065, 0071, 0072, 0073,
    0074, 0114, 0115, 0116, 0122, 0125, 0131, 0132, 0134, 0143, 0145, 0152, 0155, 0156, 0162,
    0165, 0172, 0174, 0205, 0212, 0223, 0225, 0226, 0243, 0244, 0245, 0246, 0251, 0252, 0255,
    0261, 0263, 0265, 0266, 0271, 0274, 0306, 0311, 0315, 0325, 0331, 0332, 0343, 0346, 0351,
    0356, 0364, 0365, 0371, 0411, 0412, 0413, 0423, 0431, 0432, 0445, 0446, 0452, 0454, 0455,
    0462, 0464, 0465, 0466, 0503, 0506, 0516, 0523, 0526, 0532, 0546, 0565, 0606, 0612, 0624,
    0627, 0631, 0632, 0654, 0662, 0664, 0703, 0712, 0723, 0731, 0732, 0734, 0743, 0754,
};

enum { DATA_BITS = 12, FIXED = 04000 /* 100 in front of the nine bits of the code */ };
#define GOLAY     0xc75U /* x^11 + x^10 + x^6 + x^5 + x^4 + x^2 + 1 */
#define WORD_MASK 0x7fffffU

uint32_t dcs_word(unsigned code)
{
    uint32_t data = FIXED | (code & 0777), rest = data << 11;
    for (unsigned bit = DCS_BITS; bit-- > DCS_BITS - DATA_BITS;)
        if (rest >> bit & 1)
            rest ^= GOLAY << (bit - 11);
    return data | rest << DATA_BITS;
}

unsigned dcs_find(uint32_t word)
{
    for (unsigned code = 0; code < DCS_CODES; code++)
        for (unsigned turn = 0; turn < DCS_BITS; turn++)
            if (dcs_word(dcs_codes[code]) == ((word >> turn | word << (DCS_BITS - turn)) & WORD_MASK))
                return code;
    return DCS_CODES;
}

unsigned dcs_inverse(unsigned code)
{
    return dcs_find(~dcs_word(dcs_codes[code]) & WORD_MASK);
}
