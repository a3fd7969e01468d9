// Norms, softmax, activations, RoPE and the like on one row of floats.
// Sums run in 16 lanes (element i in lane i % 16) and end in swl_sum's tree; a part of a row is padded with zeros.
#pragma once

#include "../common/lanes.h"
#include "../common/math.h"
#include "../include/swl.h"

/// Runs `body` for each 16 elements from `i` on, `n` of which (1...16) are in the row.
#define SWL_EACH(count, body)                                        \
    for (size_t i = 0; i < (count); i += 16) {                       \
        const size_t n = (count) - i < 16 ? (count) - i : 16;        \
        body                                                         \
    }

SWL_INLINE v16f swl_get(const float *p, size_t n, float rest) { return n == 16 ? swl_load(p) : swl_load_part(p, n, rest); }

SWL_INLINE void swl_set(float *p, v16f v, size_t n) {
    if (n == 16)
        swl_store(p, v);
    else
        swl_store_part(p, v, n);
}

static void swl_rms_norm(const float *x, const float *weight, float epsilon, size_t count, float *to) {
    v16f squares = swl_zero();
    SWL_EACH(count, {
        v16f v = swl_get(x + i, n, 0);
        squares = swl_fma(v, v, squares);
    })
    const float factor = 1.0f / sqrtf(swl_sum(squares) / (float)count + epsilon);
    SWL_EACH(count, {
        v16f v = swl_get(x + i, n, 0) * factor;
        swl_set(to + i, weight ? v * swl_get(weight + i, n, 0) : v, n);
    })
}

static void swl_layer_norm(const float *x, const float *weight, const float *bias, float epsilon, size_t count, float *to) {
    v16f sum = swl_zero(), squares = swl_zero();
    SWL_EACH(count, { sum += swl_get(x + i, n, 0); })
    const float mean = swl_sum(sum) / (float)count;
    SWL_EACH(count, {
        v16f v = swl_get(x + i, n, mean) - mean;
        squares = swl_fma(v, v, squares);
    })
    const float factor = 1.0f / sqrtf(swl_sum(squares) / (float)count + epsilon);
    SWL_EACH(count, {
        v16f v = (swl_get(x + i, n, 0) - mean) * factor;
        if (weight) v = v * swl_get(weight + i, n, 0);
        if (bias) v = v + swl_get(bias + i, n, 0);
        swl_set(to + i, v, n);
    })
}

static void swl_softmax(float *x, size_t count) {
    v16f largest = swl_splat(-INFINITY), sum = swl_zero();
    SWL_EACH(count, { largest = swl_max(swl_get(x + i, n, -INFINITY), largest); })
    const float top = swl_largest(largest);
    // A row that is minus infinity everywhere has no distribution: it becomes zeros.
    const float shift = top > -INFINITY ? top : 0.0f;
    SWL_EACH(count, {
        v16f e = swl_exp(swl_get(x + i, n, -INFINITY) - shift);
        sum += e;
        swl_set(x + i, e, n);
    })
    const float total = swl_sum(sum), inverse = total > 0 ? 1.0f / total : total;
    SWL_EACH(count, { swl_set(x + i, swl_get(x + i, n, 0) * inverse, n); })
}

static void swl_add(const float *x, float scale, size_t count, float *y) {
    SWL_EACH(count, { swl_set(y + i, swl_fma(swl_get(x + i, n, 0), swl_splat(scale), swl_get(y + i, n, 0)), n); })
}

static void swl_scale(float *x, float by, size_t count) {
    SWL_EACH(count, { swl_set(x + i, swl_get(x + i, n, 0) * by, n); })
}

static void swl_softcap(float *x, float cap, size_t count) {
    SWL_EACH(count, { swl_set(x + i, swl_hyperbolic_tangent(swl_get(x + i, n, 0) / cap) * cap, n); })
}

SWL_INLINE v16f swl_activated(const swl_activation activation, v16f x) {
    switch (activation) {
    case swl_silu: return x / (1.0f + swl_exp(-x));
    case swl_gelu_tanh: {
        // x / 2 (1 + tanh u) = x / (1 + e^-2u), u = sqrt(2 / pi) (x + 0.044715 x^3)
        v16f u = swl_fma(x * x * swl_splat(0.044715f), x, x) * swl_splat(0.797884561f);
        return x / (1.0f + swl_exp(-(u + u)));
    }
    case swl_gelu_erf: {
        float lanes[16];
        swl_store(lanes, x);
        for (int i = 0; i < 16; i++) lanes[i] = 0.5f * lanes[i] * (1.0f + erff(lanes[i] * 0.707106781f));
        return swl_load(lanes);
    }
    case swl_gelu_quick: return x / (1.0f + swl_exp(-1.702f * x));
    case swl_relu: return swl_max(x, swl_zero());
    case swl_relu_squared: {
        v16f r = swl_max(x, swl_zero());
        return r * r;
    }
    case swl_sigmoid: return swl_logistic(x);
    case swl_tanh: return swl_hyperbolic_tangent(x);
    default: return x;
    }
}

SWL_INLINE void swl_activate_row(const swl_activation a, const float *x, const float *up, size_t count, float *to) {
    SWL_EACH(count, {
        v16f v = swl_activated(a, swl_get(x + i, n, 0));
        swl_set(to + i, up ? v * swl_get(up + i, n, 0) : v, n);
    })
}

static void swl_activate(swl_activation activation, const float *x, const float *up, size_t count, float *to) {
    switch (activation) {
    case swl_silu: swl_activate_row(swl_silu, x, up, count, to); break;
    case swl_gelu_tanh: swl_activate_row(swl_gelu_tanh, x, up, count, to); break;
    default: swl_activate_row(activation, x, up, count, to); break;
    }
}

/// RoPE of one token: the first `dimensions` of each head, in pairs (2i, 2i + 1) or in halves (i, i + dimensions / 2).
static void swl_rotate(float *x, size_t heads, size_t head_size, size_t dimensions, int halves, const float *cosines,
                       const float *sines) {
    const size_t pairs = dimensions / 2, step = halves ? 1 : 2, other = halves ? pairs : 1;
    for (size_t h = 0; h < heads; h++) {
        float *head = x + h * head_size;
        for (size_t i = 0; i < pairs; i++) {
            const float a = head[i * step], b = head[i * step + other];
            head[i * step] = a * cosines[i] - b * sines[i];
            head[i * step + other] = a * sines[i] + b * cosines[i];
        }
    }
}
