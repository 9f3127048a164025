(* The two halves together, for a protocol: a table that agrees cell by cell with the sets of positions judges exactly the calls by which the history leaves the
   expression. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Require Import Leverframe.Registers Leverframe.Agreement Leverframe.Protocol.

Section Table.
Variables (V : Type) (matches : nat -> V -> bool) (is_call : V -> bool) (e : expression).
Hypothesis Different : NoDup (positions e).
(* A protocol has no registers: what its source sees of a letter depends on the letter alone. *)
Variable view : nat -> (atom Empty_set -> bool) -> V.
Hypothesis View : forall site t t', (forall a, t a = t' a) -> view site t = view site t'.
Definition next (s : state) (v : V) : state := step V matches e s v.
Definition out (s : state) (v : V) : bool := is_call v && named V matches e v && negb (alive (next s v)).
Definition updates (_ : state) (_ : V) : list (Empty_set * operation Empty_set) := [].

(* The table and the certificate, with the conditions of Agreement.v. *)
Variables (TR Q C : Type) (tr_dec : forall x y : TR, {x = y} + {x <> y}) (tr_position : TR -> bool).
Variables (root : nat -> option (graph TR C)) (delta : Q -> C -> Q) (output : Q -> C -> bool) (update_set : Q -> C -> list (TR * operation TR)) (q0 : Q).
Variables (m : Empty_set -> TR) (states : list (state * Q)).
Hypothesis Initial : In (None, q0) states.
Hypothesis Cell : forall site g, root site = Some g -> forall truth : atom TR -> bool, forall s q, In (s, q) states ->
  let v := seen Empty_set TR V view m site truth in let c := Agreement.walk g truth in
  In (next s v, delta q c) states /\ out s v = output q c /\ same_updates Empty_set TR m (updates s v) (update_set q c).
Hypothesis NoSite : forall site, root site = None -> forall truth : atom TR -> bool, forall s q, In (s, q) states ->
  let v := seen Empty_set TR V view m site truth in next s v = s /\ out s v = false /\ updates s v = [].

Definition vector (l : letter) : V := view (site l) (holds l (fun _ => UNSET)).
(* Those that entered the history. *)
Definition entered (ls : list letter) : history := map (fun l => (l, fun _ => true)) ls.
Notation table_after := (after bool (fun o => o) (table TR Q) (table_out TR Q C bool root output false)
  (table_step TR tr_dec tr_position Q C root delta update_set) (table_start TR Q q0)).
Definition none_dec (x y : Empty_set) : {x = y} + {x <> y}. Proof. destruct x. Defined.
Notation source_after := (after bool (fun o => o) (source Empty_set state) (source_out Empty_set state V bool view out)
  (source_step Empty_set none_dec (fun _ => false) state V view next updates) (source_start Empty_set state None)).

Lemma source_is_the_machine : forall ls, s_state _ _ (source_after (entered ls)) = run V matches e (map vector ls).
Proof.
  assert (X : forall ls x, s_state _ _ (after bool (fun o => o) (source Empty_set state) (source_out Empty_set state V bool view out)
    (source_step Empty_set none_dec (fun _ => false) state V view next updates) x (entered ls)) = fold_left (step V matches e) (map vector ls) (s_state _ _ x)).
  { induction ls as [|l ls IH]; intros x; auto. simpl. rewrite IH. simpl. f_equal. unfold next, source_view. f_equal. apply View.
    intros [n|[]|[]]. reflexivity. }
  intros ls. apply X.
Qed.

Theorem protocol_table_exact : forall ls l,
  table_out TR Q C bool root output false (table_after (entered ls)) l = true <->
  is_call (vector l) = true /\ named V matches e (vector l) = true /\ ~ says V matches e (map vector ls ++ [vector l]).
Proof.
  intros ls l.
  assert (R : related Empty_set TR state Q m states (source_after (entered ls)) (table_after (entered ls))).
  { apply registers_agree with (possible := fun _ => True);
      [auto|intros []|intros []|exact Initial|exact View|intros site g E t _; exact (Cell site g E t)|intros site E t _; exact (NoSite site E t)]. }
  assert (O : source_out Empty_set state V bool view out (source_after (entered ls)) l = table_out TR Q C bool root output false (table_after (entered ls)) l).
  { apply (out_related Empty_set TR state Q C V bool view next out updates root delta output update_set false m states (fun _ => True));
      [auto|exact View|intros site g E t _; exact (Cell site g E t)|intros site E t _; exact (NoSite site E t)|exact R]. }
  rewrite <- O. clear O.
  change (source_out Empty_set state V bool view out (source_after (entered ls)) l)
    with (out (s_state _ _ (source_after (entered ls))) (source_view Empty_set state V view (source_after (entered ls)) l)).
  assert (E : source_view Empty_set state V view (source_after (entered ls)) l = vector l).
  { unfold source_view. apply View. intros [n|[]|[]]. reflexivity. }
  rewrite E, source_is_the_machine. unfold out, next. rewrite <- (positions_exact V matches e Different). unfold run. rewrite fold_left_app. simpl.
  rewrite !andb_true_iff, negb_true_iff, <- not_true_iff_false. tauto.
Qed.
End Table.

(* `a then maybe (b)`: site 1 is a, site 2 is b, at no other site the protocol names anything. Four states: the beginning, after a, after b, left. *)
Module Example.
Definition expr := Then (Event 1) (Maybe (Event 2)).
Definition view (site : nat) (_ : atom Empty_set -> bool) : nat := site.
Definition matches (p v : nat) : bool := Nat.eqb p v.
Definition root (site : nat) : option (graph unit nat) := (match site with 1 => Some (Class 1) | 2 => Some (Class 2) | _ => None end)%nat.
Definition delta (q c : nat) : nat := (match q, c with 0, 1 => 1 | 1, 2 => 2 | _, _ => 3 end)%nat.
Definition output (q c : nat) : bool := Nat.eqb (delta q c) 3%nat.
Definition states : list (state * nat) := [(None, 0); (Some [1], 1); (Some [2], 2); (Some [], 3)]%nat.
Definition l (site : nat) : letter := {| site := site; fact := fun _ => false; at_ := 0; position := 0; call_at := 0; call_position := 0 |}.
Definition unit_dec (x y : unit) : {x = y} + {x <> y}. Proof. decide equality. Defined.

Example all_calls : forall ls c,
  table_out unit nat nat bool root output false (after bool (fun o => o) (table unit nat) (table_out unit nat nat bool root output false)
    (table_step unit unit_dec (fun _ => false) nat nat root delta (fun _ _ => [])) (table_start unit nat 0%nat) (entered ls)) (l c) = true <->
  true = true /\ named nat matches expr (vector nat view (l c)) = true /\ ~ says nat matches expr (map (vector nat view) ls ++ [vector nat view (l c)]).
Proof.
  intros ls c. apply (protocol_table_exact nat matches (fun _ => true) expr) with (m := fun _ => tt) (states := states).
  - repeat constructor; simpl; lia.
  - reflexivity.
  - simpl. auto.
  - assert (N : same_updates Empty_set unit (fun _ => tt) [] []) by (repeat split; simpl; try constructor; tauto).
    intros [|[|[|site]]] g E truth s q I; inversion E; subst; destruct I as [I|[I|[I|[I|[]]]]]; inversion I; subst; simpl; auto 7.
  - intros [|[|[|site]]] E truth s q I; inversion E; subst; destruct I as [I|[I|[I|[I|[]]]]]; inversion I; subst; simpl; auto.
Qed.
End Example.
