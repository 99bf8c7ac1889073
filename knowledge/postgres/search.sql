-- The statement must be fast however wrong the planner's estimates are: after a
-- first import there are no statistics yet, and one large tenant among small
-- ones is always mistaken for a small one. Where a join of two sets would take
-- the product of their sizes as a nested loop, it is written as a FULL JOIN under
-- a filter that the planner can't see through, which must be hashed or merged;
-- where an index is to be used row by row, as LATERAL with OFFSET 0.
WITH space AS MATERIALIZED (
    SELECT space_id FROM spaces WHERE workspace_id = (SELECT purser_workspace()) AND name = @space AND @vector::halfvec IS NOT NULL
), size AS MATERIALIZED (
    SELECT passages > @exhaustive::int AS large FROM knowledge_totals WHERE workspace_id = (SELECT purser_workspace())
), scope AS NOT MATERIALIZED (
    -- What the question may see.
    SELECT article_id, key, locale, revision
    FROM articles
    WHERE workspace_id = (SELECT purser_workspace()) AND CASE
          WHEN remove_time IS NULL AND valid_from <= @time AND valid_until > @time AND labels @> @labels::text[]
               AND (cardinality(@locales::text[]) = 0 OR locale = ANY (@locales) OR split_part(locale, '-', 1) = ANY (@locales))
               AND NOT (locale = ANY (@excluded::text[]) OR split_part(locale, '-', 1) = ANY (@excluded))
               /* hidden */ AND NOT key = ANY (@hidden::text[]) /* end */
               THEN true ELSE false END
/* hidden */
), hidden AS MATERIALIZED (
    SELECT article_id, locale FROM articles WHERE workspace_id = (SELECT purser_workspace()) AND key = ANY (@hidden::text[])
), hidden_word AS MATERIALIZED (
    -- How many of the hidden articles hold each word.
    SELECT f.field, h.locale, q.lexeme, count(*)::int AS count
    FROM hidden h CROSS JOIN unnest(@lexemes::text[], @queries::text[]) q (lexeme, query) CROSS JOIN (VALUES ('B'), ('T')) f (field)
    WHERE CASE f.field
          WHEN 'B' THEN EXISTS (SELECT FROM passage_lexemes l WHERE l.workspace_id = (SELECT purser_workspace())
                                AND l.article_id = h.article_id AND l.lexemes @@ q.query::tsquery)
          ELSE EXISTS (SELECT FROM title_lexemes l WHERE l.workspace_id = (SELECT purser_workspace())
                       AND l.article_id = h.article_id AND l.lexemes @@ q.query::tsquery) END
    GROUP BY 1, 2, 3
/* end */
), word AS MATERIALIZED (
    -- What each word of the question is worth, by field and locale. Articles that
    -- are hidden hold no words.
    SELECT * FROM (
        SELECT c.field, c.locale, n.count, q.query, q.place,
               ln(1 + (t.articles - n.count + .5) / (n.count + .5)) AS idf,
               row_number() OVER (PARTITION BY c.field, c.locale ORDER BY n.count, c.lexeme) AS rarity
        FROM unnest(@lexemes::text[], @queries::text[]) WITH ORDINALITY q (lexeme, query, place)
        CROSS JOIN LATERAL (SELECT * FROM lexeme_counts c
                            WHERE c.workspace_id = (SELECT purser_workspace()) AND c.field IN ('B', 'T') AND c.lexeme = q.lexeme OFFSET 0) c
        /* hidden */ LEFT JOIN hidden_word h ON h.field = c.field AND h.locale = c.locale AND h.lexeme = c.lexeme /* end */
        CROSS JOIN LATERAL (SELECT c.count /* hidden */ - coalesce(h.count, 0) /* end */ AS count) n
        JOIN locale_totals t ON t.workspace_id = c.workspace_id AND t.locale = c.locale
        WHERE n.count > 0
    ) w WHERE rarity <= @max_words::int
), question AS MATERIALIZED (
    -- The words of a field and locale, those that are about as rare together: one
    -- call of ts_rank scores them all.
    SELECT g.field, g.locale, array_agg(g.query) AS queries, array_agg(g.idf) AS idfs, string_agg(g.words, ' | ')::tsquery AS any_word,
           CASE g.field WHEN 'B' THEN t.passage_lexemes::float8 / greatest(t.passages, 1) ELSE t.title_lexemes::float8 / greatest(t.articles, 1) END AS average
    FROM (SELECT field, locale, string_agg(query, ' | ') AS words, string_agg(query, ' | ')::tsquery AS query, sum(idf)::float8 AS idf
          FROM word GROUP BY field, locale, round(6 * ln(count))) g
    JOIN locale_totals t ON t.workspace_id = (SELECT purser_workspace()) AND t.locale = g.locale
    GROUP BY g.field, g.locale, t.passages, t.passage_lexemes, t.articles, t.title_lexemes
), dense AS MATERIALIZED (
    SELECT v.article_id, v.ordinal, 1 - (v.vector <=> @vector::halfvec) AS cosine
    FROM (SELECT * FROM passage_vectors WHERE workspace_id = (SELECT purser_workspace()) AND space_id = (SELECT space_id FROM space)) v
    FULL JOIN scope s USING (article_id)
    WHERE CASE WHEN v.ordinal IS NOT NULL AND s.key IS NOT NULL THEN true ELSE false END
), title AS MATERIALIZED (
    SELECT v.article_id, 1 - (v.vector <=> @vector::halfvec) AS cosine
    FROM (SELECT * FROM title_vectors WHERE workspace_id = (SELECT purser_workspace()) AND space_id = (SELECT space_id FROM space)) v
    FULL JOIN scope s USING (article_id)
    WHERE CASE WHEN v.space_id IS NOT NULL AND s.key IS NOT NULL THEN true ELSE false END
), rarest AS MATERIALIZED (
    -- For large workspaces: the words to look up in the index.
    SELECT field, string_agg(query, ' & ')::tsquery AS all_words,
           (string_agg(query, ' | ') FILTER (WHERE place <= @rarest::int AND (place = 1 OR before <= @candidates::int)))::tsquery AS any_word
    FROM (SELECT field, query, row_number() OVER (PARTITION BY field ORDER BY sum(count), query) AS place,
                 sum(sum(count)) OVER (PARTITION BY field ORDER BY sum(count), query) AS before
          FROM word GROUP BY field, query) w
    WHERE (SELECT large FROM size)
    GROUP BY field
), lexemes AS (
    SELECT l.article_id, l.ordinal, l.length, l.lexemes
    FROM passage_lexemes l
    WHERE l.workspace_id = (SELECT purser_workspace()) AND NOT (SELECT large FROM size)
    UNION ALL
    SELECT l.article_id, l.ordinal, l.length, l.lexemes
    FROM (SELECT p.article_id, p.ordinal FROM rarest r, purser_passages_with(r.all_words, @candidates::int) p WHERE r.field = 'B'
          UNION
          SELECT p.article_id, p.ordinal FROM rarest r, purser_passages_with(r.any_word, @candidates::int) p WHERE r.field = 'B'
          UNION
          (SELECT article_id, ordinal FROM dense WHERE (SELECT large FROM size) ORDER BY cosine DESC LIMIT 200)) c
    CROSS JOIN LATERAL (SELECT * FROM passage_lexemes l WHERE l.workspace_id = (SELECT purser_workspace())
                        AND l.article_id = c.article_id AND l.ordinal = c.ordinal OFFSET 0) l
    WHERE (SELECT large FROM size)
), words AS MATERIALIZED (
    -- BM25. A lexeme's weight is its frequency, so ts_rank with the saturated
    -- frequencies as weights adds them up; it divides by the number of words,
    -- which the sum of their idf makes up for. OFFSET 0 has the weights worked out
    -- once for each passage, not once for each group of words.
    SELECT article_id, l.ordinal, x.score
    FROM lexemes l FULL JOIN scope s USING (article_id) FULL JOIN (SELECT * FROM question WHERE field = 'B') q USING (locale)
    CROSS JOIN LATERAL (SELECT ARRAY[1 / (1 + k), 2 / (2 + k), 3 / (3 + k), 4 / (4 + k)]::float4[] AS saturated
                        FROM (SELECT @k1::float8 * (1 - @b::float8 + @b::float8 * l.length / q.average) AS k OFFSET 0) k OFFSET 0) n
    CROSS JOIN LATERAL (
        SELECT sum(u.idf * ts_rank(n.saturated, l.lexemes, u.query))
               * 1.64493406685 * (@k1::float8 + 1) AS score
        FROM unnest(q.queries, q.idfs) u (query, idf)
    ) x
    -- A short question has nothing in common with most passages.
    WHERE x.score > 0 AND CASE WHEN l.length IS NULL OR s.key IS NULL OR q.average IS NULL THEN false
                               WHEN cardinality(@lexemes) <= 16 THEN l.lexemes @@ q.any_word ELSE true END
), title_candidates AS (
    SELECT l.article_id, l.length, l.lexemes
    FROM title_lexemes l
    WHERE l.workspace_id = (SELECT purser_workspace()) AND NOT (SELECT large FROM size)
    UNION ALL
    SELECT l.article_id, l.length, l.lexemes
    FROM (SELECT p.article_id FROM rarest r, purser_titles_with(r.all_words, @candidates::int) p WHERE r.field = 'T'
          UNION
          SELECT p.article_id FROM rarest r, purser_titles_with(r.any_word, @candidates::int) p WHERE r.field = 'T'
          UNION
          SELECT article_id FROM words WHERE (SELECT large FROM size)
          UNION
          (SELECT article_id FROM title WHERE (SELECT large FROM size) ORDER BY cosine DESC LIMIT 200)) c
    CROSS JOIN LATERAL (SELECT * FROM title_lexemes l WHERE l.workspace_id = (SELECT purser_workspace())
                        AND l.article_id = c.article_id OFFSET 0) l
    WHERE (SELECT large FROM size)
), title_words AS MATERIALIZED (
    SELECT article_id, x.score
    FROM title_candidates l FULL JOIN scope s USING (article_id) FULL JOIN (SELECT * FROM question WHERE field = 'T') q USING (locale)
    CROSS JOIN LATERAL (SELECT ARRAY[1 / (1 + k), 2 / (2 + k), 3 / (3 + k), 4 / (4 + k)]::float4[] AS saturated
                        FROM (SELECT @k1::float8 * (1 - @title_b::float8 + @title_b::float8 * l.length / q.average) AS k OFFSET 0) k OFFSET 0) n
    CROSS JOIN LATERAL (
        SELECT sum(u.idf * ts_rank(n.saturated, l.lexemes, u.query))
               * 1.64493406685 * (@k1::float8 + 1) AS score
        FROM unnest(q.queries, q.idfs) u (query, idf)
    ) x
    WHERE x.score > 0 AND CASE WHEN l.length IS NULL OR s.key IS NULL OR q.average IS NULL THEN false
                               WHEN cardinality(@lexemes) <= 16 THEN l.lexemes @@ q.any_word ELSE true END
), passage AS MATERIALIZED (
    -- The sub-scores are brought together by grouping. Ordinal -1 is the title.
    SELECT article_id, ordinal, max(cosine) AS cosine, max(score) AS score
    FROM (SELECT article_id, ordinal, cosine, NULL::float8 AS score FROM dense
          UNION ALL SELECT article_id, ordinal, NULL, score FROM words
          UNION ALL SELECT article_id, -1, cosine, NULL FROM title
          UNION ALL SELECT article_id, -1, NULL, score FROM title_words) e
    GROUP BY article_id, ordinal
), scored AS MATERIALIZED (
    SELECT a.*, @best::float8 * coalesce(best, @missing::float8) + @second::float8 * coalesce(second, best, @missing::float8)
           + @title::float8 * coalesce(title, @missing::float8) + @words::float8 * words + @title_words::float8 * title_words AS fused
    FROM (SELECT article_id, s.key, s.locale, s.revision, p.best, p.second, p.title, p.words, p.title_words
          FROM (SELECT article_id,
                       max(cosine) FILTER (WHERE ordinal >= 0) AS best, (array_agg(cosine ORDER BY cosine DESC NULLS LAST) FILTER (WHERE ordinal >= 0))[2] AS second,
                       max(cosine) FILTER (WHERE ordinal < 0) AS title,
                       coalesce(max(score) FILTER (WHERE ordinal >= 0), 0) AS words, coalesce(max(score) FILTER (WHERE ordinal < 0), 0) AS title_words
                FROM passage GROUP BY article_id) p
          FULL JOIN scope s USING (article_id)
          WHERE CASE WHEN p.words IS NOT NULL AND s.key IS NOT NULL THEN true ELSE false END) a
), top AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY fused DESC, key, locale) AS rank FROM scored ORDER BY fused DESC, key, locale LIMIT @limit::int
), first AS MATERIALIZED (
    SELECT * FROM top ORDER BY fused DESC, key, locale LIMIT 1
), ranked AS MATERIALIZED (
    SELECT article_id, ordinal, cosine, score,
           row_number() OVER (PARTITION BY article_id ORDER BY (@best::float8 + @second::float8) * coalesce(cosine, @missing::float8)
                              + @words::float8 * coalesce(score, 0) DESC, ordinal) AS place
    FROM passage WHERE ordinal >= 0 AND article_id = ANY (ARRAY(SELECT article_id FROM top))
), shape AS MATERIALIZED (
    -- How the first stands out; an answer is a key, whose translations count once.
    SELECT (SELECT count(*) FROM scope)::int AS articles, count(best)::int AS embedded,
           coalesce(max(best), 0)::float8 AS best, coalesce(max(title), 0)::float8 AS title,
           coalesce(max(words), 0)::float8 AS words, coalesce(max(title_words), 0)::float8 AS title_words,
           count(*) FILTER (WHERE best > (SELECT best FROM first))::int AS nearer,
           count(*) FILTER (WHERE title > (SELECT title FROM first))::int AS title_nearer,
           count(*) FILTER (WHERE words > (SELECT words FROM first))::int AS wordier,
           count(*) FILTER (WHERE title_words > (SELECT title_words FROM first))::int AS title_wordier,
           coalesce(avg(best), 0)::float8 AS best_mean, coalesce(stddev_pop(best), 0)::float8 AS best_spread,
           coalesce(avg(title), 0)::float8 AS title_mean, coalesce(stddev_pop(title), 0)::float8 AS title_spread,
           coalesce(avg(words), 0)::float8 AS words_mean, coalesce(stddev_pop(words), 0)::float8 AS words_spread,
           coalesce(avg(fused), 0)::float8 AS fused_mean, coalesce(stddev_pop(fused), 0)::float8 AS fused_spread
    FROM scored
), answers AS MATERIALIZED (
    -- An array is as great as its first number, so the sub-scores are those of the best.
    SELECT max(ARRAY[fused, coalesce(best, 0), coalesce(title, 0), words, title_words]) AS answer
    FROM scored GROUP BY key ORDER BY 1 DESC LIMIT 10
), neighbours AS MATERIALIZED (
    -- How near the titles of other answers are to the first's best passage: those
    -- of a hundred, as the nearest are among the best for the question, too.
    SELECT avg(cosine) AS cosine
    FROM (SELECT 1 - (t.vector <=> p.vector) AS cosine
          FROM (SELECT v.vector FROM ranked r JOIN passage_vectors v ON v.workspace_id = (SELECT purser_workspace())
                    AND v.space_id = (SELECT space_id FROM space) AND v.article_id = r.article_id AND v.ordinal = r.ordinal
                WHERE r.place = 1 AND r.article_id = (SELECT article_id FROM first)) p
          CROSS JOIN (SELECT article_id FROM scored WHERE key <> (SELECT key FROM first) AND title IS NOT NULL ORDER BY fused DESC LIMIT 100) s
          CROSS JOIN LATERAL (SELECT * FROM title_vectors v WHERE v.workspace_id = (SELECT purser_workspace())
                              AND v.space_id = (SELECT space_id FROM space) AND v.article_id = s.article_id OFFSET 0) t
          ORDER BY 1 DESC LIMIT 5) c
), first_lexemes AS MATERIALIZED (
    SELECT l.lexemes FROM passage_lexemes l WHERE l.workspace_id = (SELECT purser_workspace()) AND l.article_id = (SELECT article_id FROM first)
), said AS MATERIALIZED (
    -- Which of the question's words the first holds.
    SELECT array_agg(w.place::int) AS places, array_agg(w.idf::float8) AS idfs,
           array_agg(EXISTS (SELECT FROM first_lexemes l WHERE l.lexemes @@ w.query::tsquery)) AS held
    FROM word w WHERE w.field = 'B' AND w.locale = (SELECT locale FROM first)
), worth AS MATERIALIZED (
    -- What all words of the question are worth in the first's locale; one that
    -- no article holds is worth most.
    SELECT coalesce(sum(w.idf), 0)::float8 + (cardinality(@lexemes::text[]) - count(w.idf)) * ln(1 + (t.articles + .5) / .5) AS idf,
           (cardinality(@lexemes) - count(w.idf))::int AS unknown, ln(1 + (t.articles + .5) / .5)::float8 AS most
    FROM first f JOIN locale_totals t ON t.workspace_id = (SELECT purser_workspace()) AND t.locale = f.locale
    LEFT JOIN word w ON w.field = 'B' AND w.locale = f.locale
    GROUP BY t.articles
)
SELECT h.articles, h.embedded, h.best, h.title, h.words, h.title_words, h.nearer, h.title_nearer, h.wordier, h.title_wordier,
       h.best_mean, h.best_spread, h.title_mean, h.title_spread, h.words_mean, h.words_spread, h.fused_mean, h.fused_spread,
       CASE WHEN f.opens THEN (SELECT array_agg(answer ORDER BY answer DESC) FROM answers) END,
       CASE WHEN f.opens THEN (SELECT places FROM said) END, CASE WHEN f.opens THEN (SELECT idfs FROM said) END, CASE WHEN f.opens THEN (SELECT held FROM said) END,
       coalesce((SELECT cosine FROM neighbours), 0),
       coalesce((SELECT idf FROM worth), 0), coalesce((SELECT unknown FROM worth), 0), coalesce((SELECT most FROM worth), 0),
       f.article_id::text, f.key, f.locale, f.revision, f.title_text, f.url, f.best, f.second, f.title, f.words, f.title_words, f.fused,
       f.ordinal, f.heading_path, f.start_offset, f.end_offset, f.text, f.cosine, f.score,
       f.kind, f.create_time, f.valid_from, f.valid_until, f.size, f.body, f.context, f.section_start, f.section_end, f.section
FROM shape h LEFT JOIN (
    SELECT top.*, r.title AS title_text, r.url, p.ordinal, p.heading_path, p.start_offset, p.end_offset, p.text, x.cosine, x.score,
           r.kind, r.create_time, nullif(r.valid_from, '-infinity') AS valid_from, nullif(r.valid_until, 'infinity') AS valid_until, octet_length(r.body) AS size,
           p.context, p.section_start, p.section_end,
           -- The body of an article that is not too long comes with its first
           -- passage; of a longer one the section of each.
           CASE WHEN top.rank <= @sections::int AND coalesce(x.place, 1) = 1 AND octet_length(r.body) <= @whole::int THEN r.body END AS body,
           CASE WHEN top.rank <= @sections AND octet_length(r.body) > @whole
                THEN convert_from(substring(convert_to(r.body, 'UTF8') FROM p.section_start + 1 FOR p.section_end - p.section_start), 'UTF8') END AS section,
           coalesce(x.place, 1) AS place,
           -- Lists are sent once, with the first row.
           coalesce(x.place, 1) = 1 AND top.article_id = (SELECT article_id FROM first) AS opens
    FROM top
    JOIN revisions r ON r.workspace_id = (SELECT purser_workspace()) AND r.article_id = top.article_id AND r.revision = top.revision
    LEFT JOIN ranked x ON x.article_id = top.article_id AND x.place <= @passages::int
    JOIN passages p ON p.workspace_id = (SELECT purser_workspace()) AND p.article_id = top.article_id AND p.ordinal = coalesce(x.ordinal, 0)
) f ON true
ORDER BY f.fused DESC, f.key, f.locale, f.place
