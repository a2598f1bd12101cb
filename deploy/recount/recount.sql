-- Everything that can be counted again from raw rows. Runs in the database of results; official lists and their birth dates
-- were copied from the database of candidates into recount_lists (constituency, contest, seats, place, dossier, birth_date, struck).

CREATE TEMPORARY TABLE recount_records AS
SELECT r.area, r.contest, r.constituency, split_part(r.unit, '/', 3) AS commune, split_part(r.unit, '/', 2) AS province,
       CASE WHEN r.first_figures = r.second_figures THEN r.first_figures
            ELSE jsonb_build_object('voters', r.voters, 'took_part', r.took_part, 'issued', r.issued, 'collected', r.collected,
                                    'valid', r.valid, 'invalid', r.invalid, 'votes', to_jsonb(r.votes), 'kinds', to_jsonb(r.kinds))
       END AS paper
FROM records AS r
WHERE r.election = %(election)s AND r.state = 'approved';

CREATE TEMPORARY TABLE recount_sums AS
SELECT constituency, contest, count(*) AS areas,
       sum((paper ->> 'voters')::bigint) AS voters, sum((paper ->> 'took_part')::bigint) AS took_part,
       sum((paper ->> 'issued')::bigint) AS issued, sum((paper ->> 'collected')::bigint) AS collected,
       sum((paper ->> 'valid')::bigint) AS valid, sum((paper ->> 'invalid')::bigint) AS invalid
FROM recount_records GROUP BY constituency, contest;

CREATE TEMPORARY TABLE recount_votes AS
SELECT r.constituency, v.place, sum(v.votes::bigint) AS votes
FROM recount_records AS r CROSS JOIN LATERAL jsonb_array_elements_text(r.paper -> 'votes') WITH ORDINALITY AS v (votes, place)
GROUP BY r.constituency, v.place;

-- Who is elected: turnout over half, votes over half of the valid ballots, most votes first, the older of equals (LBC 78).
CREATE TEMPORARY TABLE recount_elected AS
SELECT constituency, dossier, votes FROM (
    SELECT l.constituency, l.dossier, v.votes, l.seats,
           row_number() OVER (PARTITION BY l.constituency ORDER BY v.votes DESC, l.birth_date) AS rank
    FROM recount_lists AS l
    JOIN recount_votes AS v ON v.constituency = l.constituency AND v.place = l.place
    JOIN recount_sums AS s ON s.constituency = l.constituency
    WHERE NOT l.struck AND 2 * v.votes > s.valid AND 2 * s.took_part > s.voters
) AS ranked WHERE rank <= seats;
