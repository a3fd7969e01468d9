// Formats that need no search and know no importance: Q1_0, Q2_0, TQ1_0, TQ2_0, MXFP4, NVFP4 and F16.
#pragma once

#include "k_quants.h"

static void swl_encode_q1_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    v16f sum = swl_zero();
    v16u body[4];
    for (int k = 0; k < 4; k++) {
        body[k] = (v16u)(0u);
        for (int j = 0; j < 32; j++) {
            sum += swl_abs(x[k * 32 + j]);
            body[k] |= SWL_BITS_U(x[k * 32 + j] >= swl_zero()) & 1u << j;
        }
    }
    swl_behind_half(swl_to_half(sum / 128.0f), body, 4, words);
}

static void swl_encode_q2_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    const v16f scale = swl_largest_absolute(x, 64), inverse = swl_inverse(scale);
    v16u body[4];
    for (int k = 0; k < 4; k++) {
        body[k] = (v16u)(0u);
        for (int j = 0; j < 16; j++) {
            const v16i code = swl_clamp(swl_rounded_away(x[k * 16 + j] * inverse, -9) + 1, 0, 3);
            body[k] |= SWL_BITS_U(code) << (uint32_t)(2 * j);
        }
    }
    swl_behind_half(swl_to_half(scale), body, 4, words);
}

static void swl_encode_tq2_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    const v16f scale = swl_largest_absolute(x, 256), inverse = swl_inverse(scale);
    v16i codes[256];
    for (int i = 0; i < 256; i++) codes[i] = (swl_rounded_away(x[i] * inverse, 0) + 1) & 3;
    swl_pack_two_bits(codes, words);
    words[16] = swl_to_half(scale);
}

static void swl_encode_tq1_0(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    static const struct { int count, digits; } parts[3] = {{32, 5}, {16, 5}, {4, 4}};
    const v16f scale = swl_largest_absolute(x, 256), inverse = swl_inverse(scale);
    v16i bytes[52], *to = bytes;
    for (int part = 0; part < 3; part++) {
        const int count = parts[part].count, digits = parts[part].digits;
        for (int l = 0; l < count; l++) {
            v16i number = (v16i)(0);
            for (int digit = 0; digit < digits; digit++)
                number = number * 3 + swl_rounded_away(x[digit * count + l] * inverse, 0) + 1;
            if (digits == 4) number *= 3;
            *to++ = ((number & 255) * 256 + 242) / 243;
        }
        x += count * digits;
    }
    for (int k = 0; k < 13; k++)
        words[k] = swl_bytes(bytes[k * 4], bytes[k * 4 + 1], bytes[k * 4 + 2], bytes[k * 4 + 3]);
    words[13] = swl_to_half(scale);
}

/// The level of E2M1 that is nearest, the first of those equally near (MXFP4Format.code).
SWL_INLINE v16i swl_e2m1_code(v16f x, v16f scale) {
    static const float levels[8] = {0, 1, 2, 3, 4, 6, 8, 12};
    const v16f size = swl_abs(x);
    v16f error = size;
    v16i code = (v16i)(0);
    for (int k = 1; k < 8; k++) {
        const v16f distance = swl_abs(levels[k] * scale - size);
        const v16i is_nearer = distance < error;
        error = swl_select(is_nearer, distance, error);
        code = swl_choose(is_nearer, (v16i)(k), code);
    }
    // Zero has no sign.
    return code | ((x < swl_zero()) & (code != 0) & 8);
}

/// MXFP4Format.floorOfLog2
SWL_INLINE int swl_floor_of_log2(float x) {
    int exponent;
    const double distance = 1.0 - (double)frexpf(x, &exponent);
    const float below = (float)exponent;
    const float logarithm = (float)((double)below - distance / 0.6931471805599453);
    return distance < 0x1p-12 && logarithm == below ? exponent : exponent - 1;
}

static void swl_encode_mxfp4(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    const v16f largest = swl_largest_absolute(x, 32);
    v16i codes[32], exponent;
    v16u body[4];
    for (int r = 0; r < 16; r++) exponent[r] = largest[r] > 0 ? (swl_floor_of_log2(largest[r]) - 2 + 127) & 255 : 0;
    // Half of the scale; the two smallest are subnormal.
    const v16i bits = swl_choose(exponent < 2, (v16i)(0x00200000) << (exponent & 1), (exponent - 1) << 23);
    for (int j = 0; j < 32; j++) codes[j] = swl_e2m1_code(x[j], SWL_BITS_F(bits));
    swl_pack_halves(codes, 1, 16, body);
    words[0] = SWL_BITS_U(exponent) | body[0] << 8;
    for (int k = 1; k < 4; k++) words[k] = body[k - 1] >> 24 | body[k] << 8;
    words[4] = body[3] >> 24;
}

/// Small floats of 4 bits exponent and 3 bits mantissa (ue4m3Bits).
SWL_INLINE v16i swl_to_ue4m3(v16f x) {
    const v16i is_positive = x > swl_zero();
    const v16f bounded = swl_min(x, swl_splat(448.0f));
    const v16i bits = SWL_BITS_I(bounded), exponent = (bits >> 23 & 255) - 120;
    const v16i subnormal = __builtin_elementwise_min(swl_truncated(bounded * 512.0f + 0.5f, 0), (v16i)(7));
    const v16i rounded = (exponent << 3) + (bits >> 20 & 7) + (bits >> 19 & 1);
    const v16i normal = swl_choose(rounded >= 15 << 3, (v16i)(0x7e), rounded);
    return swl_choose(exponent <= 0, subnormal, normal) & is_positive;
}

static void swl_encode_nvfp4(const v16f *x, const v16f *importance, const swl_lane_context *context, v16u *words) {
    (void)importance, (void)context;
    v16i scales[4];
    for (int g = 0; g < 4; g++) {
        scales[g] = swl_to_ue4m3(swl_largest_absolute(x + g * 16, 16) / 6.0f);
        // Half of the scale.
        const v16i exponent = scales[g] >> 3, mantissa = scales[g] & 7;
        const v16f scale = swl_select(exponent == 0, swl_float(mantissa) * 0x1p-10f,
                                      SWL_BITS_F((exponent + 119) << 23 | mantissa << 20));
        v16i codes[16];
        for (int j = 0; j < 16; j++) codes[j] = swl_e2m1_code(x[g * 16 + j], scale);
        swl_pack_halves(codes, 1, 8, words + 1 + g * 2);
    }
    words[0] = swl_bytes(scales[0], scales[1], scales[2], scales[3]);
}

typedef uint16_t v16h __attribute__((ext_vector_type(16)));

static void swl_encode_f16(const float *x, size_t count, uint8_t *to) {
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        const v16h halves = __builtin_convertvector(swl_to_half(swl_load(x + i)), v16h);
        memcpy(to + i * 2, &halves, sizeof halves);
    }
    for (; i < count; i++) {
        const uint16_t half = swl_to_half_one(x[i]);
        memcpy(to + i * 2, &half, 2);
    }
}
