// 90_tables.y -- what the rest of the parser asks the generated tables.

%code {
size_t lt_grammar_size(void)
{
    return sizeof(yyParser);
}

void lt_grammar_open(void *parser)
{
    lt_grammarInit(parser);
}

void lt_grammar_feed(void *parser, struct lt_token token, struct lt_parse *p)
{
    lt_grammar(parser, token.kind, token, p);
}

int lt_grammar_kind_max(void)
{
    return YYNTOKEN - 1;
}

bool lt_grammar_falls_back(int kind)
{
    return kind > 0 && (size_t)kind < sizeof(yyFallback) / sizeof(yyFallback[0]) &&
           yyFallback[kind] == LT_TK_ID;
}

/* Plays the reductions that the token would set off on a copy of the states at
 * the top of the stack. */
bool lt_grammar_accepts(const void *parser, int kind)
{
    const yyStackEntry *base = ((const yyParser *)parser)->yytos;
    YYACTIONTYPE pushed[100];
    int n = 0;
    for (int steps = 0; steps < 1000 && n < 99; steps++) {
        YYACTIONTYPE act = n > 0 ? pushed[n - 1] : base->stateno;
        if (act <= YY_MAX_SHIFT) {
            int at = yy_shift_ofst[act] + kind;
            act = yy_lookahead[at] == kind ? yy_action[at] : yy_default[act];
        }
        if (act <= YY_MAX_SHIFTREDUCE || act == YY_ACCEPT_ACTION)
            return true;
        if (act < YY_MIN_REDUCE)
            return false;
        int rule = act - YY_MIN_REDUCE;
        for (int pop = -yyRuleInfoNRhs[rule]; pop > 0; pop--) {
            if (n > 0)
                n--;
            else
                base--;
        }
        pushed[n] = yy_find_reduce_action(n > 0 ? pushed[n - 1] : base->stateno,
                                          (YYCODETYPE)yyRuleInfoLhs[rule]);
        n++;
    }
    return false;
}
}
