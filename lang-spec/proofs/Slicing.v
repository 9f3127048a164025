(* Rules with variables: a table that keeps values apart beside a default entry says of every letter what one automaton a value would say; and what it
   forgets, where it has no place, never admits a call that they would judge.
   An entry is what a rule remembers of one value (a state and its registers). A letter binds some values; `B` is how it binds one, `none` that it does
   not. Every step of the table is given as a relation, so that it covers any capacity, any choice of what goes, and any moment for dropping. *)
Require Import ZArith List Bool Lia.
Import ListNotations.
Open Scope Z_scope.

Section Slicing.
Variables (V E L B : Type) (v_dec : forall x y : V, {x = y} + {x <> y}).
Variables (none : B) (candidates : L -> list (V * B)) (time : L -> Z).
Variables (step : L -> B -> E -> E) (judges : L -> B -> E -> bool) (start : E).

Fixpoint find {A : Type} (l : list (V * A)) (v : V) : option A :=
  match l with [] => None | (k, x) :: rest => if v_dec k v then Some x else find rest v end.
Definition bound (a : L) (v : V) : B := match find (candidates a) v with Some b => b | None => none end.

(* The exact monitor of a value: it takes every letter by the way in which the letter binds the value. *)
Definition exact (h : list L) (v : V) : E := fold_left (fun e a => step a (bound a v) e) h start.

(* The table: the default entry, and the values that have a place. A value without one has the default entry. *)
Record table := { default : E; kept : list (V * E) }.
Definition get (t : table) (v : V) : E := match find (kept t) v with Some e => e | None => default t end.
Definition empty : table := {| default := start; kept := [] |}.
Definition without (k : V) (t : table) : table := {| default := default t; kept := filter (fun p => if v_dec (fst p) k then false else true) (kept t) |}.
Definition add (v : V) (e : E) (t : table) : table := {| default := default t; kept := (v, e) :: kept t |}.

(* A letter steps the default entry as a value that it does not bind, and every kept value by its own binding. *)
Definition settle (a : L) (t : table) : table :=
  {| default := step a none (default t); kept := map (fun p => (fst p, step a (bound a (fst p)) (snd p))) (kept t) |}.
(* The values of the letter that have no place. *)
Definition fresh (a : L) (t : table) : list (V * B) :=
  filter (fun p => match find (kept t) (fst p) with Some _ => false | None => true end) (candidates a).

(* What the table says of a letter: the default entry, the kept values and the letter's own values are asked. *)
Definition table_judges (a : L) (t : table) : bool :=
  judges a none (default t) || existsb (fun v => judges a (bound a v) (get t v)) (map fst (kept t) ++ map fst (candidates a)).

Lemma find_app : forall (A : Type) (l l' : list (V * A)) v, find (l ++ l') v = match find l v with Some x => Some x | None => find l' v end.
Proof. induction l as [|[k x] l IH]; simpl; intros l' v; auto. destruct (v_dec k v); auto. Qed.

Lemma find_none : forall (A : Type) (l : list (V * A)) v, ~ In v (map fst l) -> find l v = None.
Proof. induction l as [|[k x] l IH]; simpl; intros v H; auto. destruct (v_dec k v); [subst; tauto|]. apply IH; tauto. Qed.

Lemma get_settle : forall a t v,
  get (settle a t) v = match find (kept t) v with Some e => step a (bound a v) e | None => step a none (default t) end.
Proof.
  intros a [d l] v. unfold get, settle. simpl. induction l as [|[k e] l IH]; simpl; auto. destruct (v_dec k v); subst; auto.
Qed.

Lemma find_without : forall k t v, find (kept (without k t)) v = if v_dec k v then None else find (kept t) v.
Proof.
  intros k [d l] v. unfold without. simpl. induction l as [|[x e] l IH]; simpl; [destruct (v_dec k v); auto|].
  destruct (v_dec x k); simpl; [subst|]; rewrite IH; destruct (v_dec k v); auto.
  destruct (v_dec x v); congruence.
Qed.

Lemma get_without : forall k t v, get (without k t) v = if v_dec k v then default t else get t v.
Proof. intros k t v. unfold get. rewrite find_without. simpl. destruct (v_dec k v); auto. Qed.

Lemma get_of : forall d t v, get {| default := d; kept := kept t |} v = match find (kept t) v with Some e => e | None => d end.
Proof. reflexivity. Qed.

Lemma get_add : forall v e t w, get (add v e t) w = if v_dec v w then e else get t w.
Proof. intros. unfold get, add. simpl. destruct (v_dec v w); auto. Qed.

Lemma find_fresh : forall a t v, find (fresh a t) v = match find (kept t) v with Some _ => None | None => find (candidates a) v end.
Proof.
  intros a t v. unfold fresh. induction (candidates a) as [|[k b] l IH]; simpl; [destruct (find (kept t) v); auto|].
  destruct (find (kept t) k) eqn:F; simpl; rewrite IH; destruct (v_dec k v); subst; auto; rewrite F; auto.
Qed.

(* The values of a letter are different. *)
Hypothesis Distinct : forall a, NoDup (map fst (candidates a)).
(* There are always values that were never seen. *)
Hypothesis Fresh : forall vs : list V, exists v, ~ In v vs.

(* "A call is judged if the rule judges it in the history of any value, also one that was never seen" (lang-spec/variables.md): asking the default entry,
   the kept values and the letter's own answers for all of them. *)
Theorem asking_few_is_asking_all : forall a t, table_judges a t = true <-> exists v, judges a (bound a v) (get t v) = true.
Proof.
  intros a t. unfold table_judges. rewrite orb_true_iff, existsb_exists. split.
  - intros [H|(v & _ & H)]; [|now exists v]. destruct (Fresh (map fst (kept t) ++ map fst (candidates a))) as [v N].
    rewrite in_app_iff in N. exists v. unfold bound, get. rewrite !find_none by tauto. auto.
  - intros (v & H). destruct (in_dec v_dec v (map fst (kept t) ++ map fst (candidates a))) as [I|N]; [right; eauto|].
    left. rewrite in_app_iff in N. unfold bound, get in H. rewrite !find_none in H by tauto. auto.
Qed.

(* One entry judges at least what another does, from a time on: whatever letters come, each not before the one before it, and however they bind the value. *)
Fixpoint follows (t : Z) (w : list (L * B)) : Prop := match w with [] => True | (a, _) :: rest => t <= time a /\ follows (time a) rest end.
Definition runs (w : list (L * B)) (e : E) : E := fold_left (fun e p => step (fst p) (snd p) e) w e.
Definition stricter (t : Z) (e e' : E) : Prop :=
  forall w a b, follows t (w ++ [(a, b)]) -> judges a b (runs w e') = true -> judges a b (runs w e) = true.
Definition alike (t : Z) (e e' : E) : Prop := stricter t e e' /\ stricter t e' e.

Lemma stricter_refl : forall t e, stricter t e e.
Proof. intros t e w a b _ H; auto. Qed.
Lemma stricter_trans : forall t x y z, stricter t x y -> stricter t y z -> stricter t x z.
Proof. intros t x y z H H' w a b F J. apply H; auto. Qed.
Lemma follows_later : forall w t t', t <= t' -> follows t' w -> follows t w.
Proof. intros [|[a b] w]; simpl; intros; intuition lia. Qed.
Lemma stricter_later : forall t t' e e', t <= t' -> stricter t e e' -> stricter t' e e'.
Proof. intros t t' e e' T H w a b F. apply H. eapply follows_later; eauto. Qed.
Lemma stricter_step : forall t e e' a b, t <= time a -> stricter t e e' -> stricter (time a) (step a b e) (step a b e').
Proof. intros t e e' a b T H w a' b' F. apply (H ((a, b) :: w)). simpl. auto. Qed.
Lemma stricter_judges : forall t e e' a b, t <= time a -> stricter t e e' -> judges a b e' = true -> judges a b e = true.
Proof. intros t e e' a b T H. apply (H [] a b). simpl. auto. Qed.
Hint Resolve stricter_refl : core.

(* How to see it cell by cell: a relation that judging and stepping respect. *)
Theorem simulation_is_stricter : forall simulates : Z -> E -> E -> Prop,
  (forall t e e' a b, simulates t e e' -> t <= time a -> judges a b e' = true -> judges a b e = true) ->
  (forall t e e' a b, simulates t e e' -> t <= time a -> simulates (time a) (step a b e) (step a b e')) ->
  forall t e e', simulates t e e' -> stricter t e e'.
Proof.
  intros R J S t e e' H w. revert t e e' H. induction w as [|[a b] w IH]; simpl; intros t e e' H a' b' F.
  - eapply J; eauto. tauto.
  - destruct F as [T F]. apply (IH (time a) _ _ (S _ _ _ _ _ H T) _ _ F).
Qed.

(* Which histories there are: beginnings of one are some, and their times do not decrease from the earliest one on. *)
Fixpoint ordered (t : Z) (h : list L) : Prop := match h with [] => True | a :: rest => t <= time a /\ ordered (time a) rest end.
Variables (lawful : list L -> Prop) (first : Z).
Hypothesis Prefix : forall h a, lawful (h ++ [a]) -> lawful h.
Hypothesis Times : forall h, lawful h -> ordered first h.
Definition latest (t : Z) (h : list L) : Z := fold_left (fun _ a => time a) h t.

Lemma ordered_app : forall h t a, ordered t (h ++ [a]) <-> ordered t h /\ latest t h <= time a.
Proof. induction h as [|x h IH]; simpl; intros t a; [tauto|]. rewrite IH. tauto. Qed.
Lemma latest_app : forall h t a, latest t (h ++ [a]) = time a.
Proof. intros. unfold latest. now rewrite fold_left_app. Qed.
Lemma exact_app : forall h a v, exact (h ++ [a]) v = step a (bound a v) (exact h v).
Proof. intros. unfold exact. now rewrite fold_left_app. Qed.

Lemma time_after : forall h a, lawful (h ++ [a]) -> latest first h <= time a.
Proof. intros h a O. apply Times, ordered_app in O. tauto. Qed.

Lemma keys_of_fresh : forall a t, NoDup (map fst (fresh a t)).
Proof.
  intros a t. unfold fresh. specialize (Distinct a). induction (candidates a) as [|[k b] l IH]; simpl in *; [constructor|].
  inversion Distinct; subst. destruct (find (kept t) k); simpl; auto. constructor; auto.
  intros I. apply in_map_iff in I. destruct I as (x & K & I). apply filter_In in I. apply H1. rewrite <- K. apply in_map. tauto.
Qed.

Section Places.
(* What closing the windows that are over makes of an entry. That it is invisible from then on is what a verifier has to know of it. *)
Variable close : Z -> E -> E.
Hypothesis Closing : forall t e, alike t (close t e) e.

(* What may become of a value for which there is no place. *)
Inductive mode := KeepsAll | Forgets | Resets.
Variable wiped : L -> E.

(* Finding places for the letter's own values. `before` is the default entry before the letter. *)
Inductive placed (m : mode) (a : L) (before : E) : table -> list (V * B) -> table -> Prop :=
| Done : forall t, placed m a before t [] t
(* A value takes a place. *)
| Takes : forall t v b rest t', placed m a before (add v (step a b before) t) rest t' -> placed m a before t ((v, b) :: rest) t'
(* An entry goes that is the default one, now or once its windows are closed. *)
| Drops : forall t k cs t', close (time a) (get t k) = close (time a) (default t) -> placed m a before (without k t) cs t' -> placed m a before t cs t'
(* Any entry is forgotten. *)
| Forgotten : forall t k cs t', m = Forgets -> placed m a before (without k t) cs t' -> placed m a before t cs t'
(* Any entry is forgotten (perhaps the new one), and every value that has no place is reset at this letter. *)
| Reset : forall t k v b rest t', m = Resets ->
    placed m a before (let t1 := without k (add v (step a b before) t) in {| default := wiped a; kept := kept t1 |}) [] t' ->
    placed m a before t ((v, b) :: rest) t'.

(* The tables that a history can lead to. *)
Inductive reached (m : mode) : list L -> table -> Prop :=
| Begins : reached m [] empty
| Steps : forall h a t t', reached m h t -> placed m a (default t) (settle a t) (fresh a t) t' -> reached m (h ++ [a]) t'.

(* What a step keeps of a relation `r` between the table's entries and those of the exact monitors (`f`: after this letter). *)
Lemma placed_keeps : forall (r : E -> E -> Prop) m a before f t cs t',
  (forall x y z, alike (time a) x y -> r y z -> r x z) ->
  placed m a before t cs t' ->
  NoDup (map fst cs) ->
  (forall v b, find cs v = Some b -> find (kept t) v = None) ->
  (m = Forgets -> forall v, r (default t) (f v)) ->
  (m = Resets -> forall v, r (wiped a) (f v)) ->
  (forall v, match find cs v with Some b => r (step a b before) (f v) | None => r (get t v) (f v) end) ->
  (forall v, r (get t' v) (f v)) /\ (m = Forgets -> forall v, r (default t') (f v)).
Proof.
  intros r m a before f t cs t' Alike P.
  induction P as [t|t v b rest t' P IH|t k cs t' C P IH|t k cs t' M P IH|t k v b rest t' M P IH]; intros N A F R H.
  - split; auto.
  - simpl in N. inversion N; subst. simpl in A. apply IH; auto.
    + intros w c I. unfold add. simpl. destruct (v_dec v w) as [->|]; [rewrite find_none in I by auto; discriminate|].
      apply A with c. destruct (v_dec v w); congruence.
    + intros w. specialize (H w). simpl in H. rewrite get_add. destruct (v_dec v w) as [->|]; auto.
      rewrite find_none by auto. auto.
  - assert (S : alike (time a) (default t) (get t k)).
    { destruct (Closing (time a) (get t k)) as [X Y], (Closing (time a) (default t)) as [X' Y']. rewrite C in X, Y.
      split; eapply stricter_trans; eauto. }
    apply IH; auto.
    + intros w c I. rewrite find_without. destruct (v_dec k w); eauto.
    + intros w. specialize (H w). destruct (find cs w); auto. rewrite get_without. destruct (v_dec k w); subst; eauto.
  - apply IH; auto.
    + intros w c I. rewrite find_without. destruct (v_dec k w); eauto.
    + intros w. specialize (H w). destruct (find cs w); auto. rewrite get_without. destruct (v_dec k w); subst; auto.
  - subst m. apply IH; [constructor|intros w c I; discriminate|discriminate|auto|].
    intros w. change (r (get {| default := wiped a; kept := kept (without k (add v (step a b before) t)) |} w) (f w)).
    rewrite get_of, find_without. destruct (v_dec k w); [apply R; auto|]. unfold add. simpl kept. simpl find.
    specialize (H w). simpl in H. destruct (v_dec v w); auto.
    destruct (find rest w) eqn:I.
    + rewrite (A w b0); [apply R; auto|]. simpl; destruct (v_dec v w); congruence.
    + unfold get in H. destruct (find (kept t) w); auto.
Qed.

(* One letter, for a relation that stepping by the same letter keeps. *)
Lemma step_keeps : forall (r : Z -> E -> E -> Prop) m a now t f t',
  (forall x y z, alike (time a) x y -> r (time a) y z -> r (time a) x z) ->
  (forall b e e', now <= time a -> r now e e' -> r (time a) (step a b e) (step a b e')) ->
  now <= time a ->
  placed m a (default t) (settle a t) (fresh a t) t' ->
  (forall v, r now (get t v) (f v)) ->
  (m = Forgets -> forall v, r (time a) (step a none (default t)) (step a (bound a v) (f v))) ->
  (m = Resets -> forall v, r (time a) (wiped a) (step a (bound a v) (f v))) ->
  (forall v, r (time a) (get t' v) (step a (bound a v) (f v))) /\ (m = Forgets -> forall v, r (time a) (default t') (step a (bound a v) (f v))).
Proof.
  intros r m a now t f t' Alike Step T P H F R.
  apply (placed_keeps (r (time a)) m a (default t) (fun v => step a (bound a v) (f v)) _ _ _ Alike P); auto using keys_of_fresh.
  - intros v b I. rewrite find_fresh in I. unfold settle. simpl.
    destruct (find (kept t) v) eqn:K; [discriminate|]. clear - K. induction (kept t) as [|[k e] l IH]; simpl in *; auto.
    destruct (v_dec k v); [discriminate|auto].
  - intros v. rewrite find_fresh, get_settle. specialize (H v). unfold get in H. unfold bound.
    destruct (find (kept t) v) eqn:K; [apply Step; auto|].
    destruct (find (candidates a) v) eqn:C; apply Step; auto.
Qed.

(* A table in which all values have a place remembers of each value what its exact monitor does. *)
Theorem slicing_exact : forall h t, lawful h -> reached KeepsAll h t -> forall v, alike (latest first h) (get t v) (exact h v).
Proof.
  intros h t O P. revert O. induction P as [|h a t t' P IH S]; intros O v; [split; auto|].
  pose proof (time_after h a O) as T. rewrite latest_app, exact_app.
  apply (step_keeps alike KeepsAll a (latest first h) t (exact h)); try discriminate; auto.
  - intros x y z [A A'] [C C']. split; eapply stricter_trans; eauto.
  - intros b e e' _ [A A']. split; apply (stricter_step (latest first h)); auto.
  - apply IH. eapply Prefix; eauto.
Qed.

(* So it judges exactly the letters that the rule judges in the history of some value. *)
Theorem slicing_judges : forall h a t, lawful (h ++ [a]) -> reached KeepsAll h t ->
  (table_judges a t = true <-> exists v, judges a (bound a v) (exact h v) = true).
Proof.
  intros h a t O P. rewrite asking_few_is_asking_all. pose proof (time_after h a O) as T.
  split; intros [v J]; exists v; destruct (slicing_exact h t (Prefix _ _ O) P v) as [X Y]; eapply stricter_judges; eauto.
Qed.

(* `require` without `reset by`: whatever is forgotten, and whenever, every call that an exact monitor judges is judged. What has to hold: an entry that the
   letter binds has met at least what it would have met unbound. *)
Theorem forgetting_is_safe :
  (forall a b e, stricter (time a) (step a none e) (step a b e)) ->
  forall h a t, lawful (h ++ [a]) -> reached Forgets h t -> forall v, judges a (bound a v) (exact h v) = true -> table_judges a t = true.
Proof.
  intros Adds h a t O P v J. apply asking_few_is_asking_all. exists v. pose proof (time_after h a O) as T.
  eapply stricter_judges; [exact T| |exact J]. apply Prefix in O. clear a J T. revert v.
  cut ((forall v, stricter (latest first h) (get t v) (exact h v)) /\ (forall v, stricter (latest first h) (default t) (exact h v))); [tauto|].
  revert O. induction P as [|h a t t' P IH S]; intros O; [split; auto|].
  pose proof (time_after h a O) as T. rewrite latest_app. destruct (IH (Prefix _ _ O)) as [X Y].
  cut ((forall v, stricter (time a) (get t' v) (step a (bound a v) (exact h v))) /\
       (Forgets = Forgets -> forall v, stricter (time a) (default t') (step a (bound a v) (exact h v)))).
  { intros [G D]. split; intros v; rewrite exact_app; auto. }
  apply (step_keeps stricter Forgets a (latest first h) t (exact h)); try discriminate; auto.
  - intros x y z [A _]. apply stricter_trans; auto.
  - intros b e e' T' H. eapply stricter_step; eauto.
  - intros _ w. eapply stricter_trans; [|apply Adds]. eapply stricter_step; eauto.
Qed.

(* `require` with `reset by`: forgetting resets every value without a place. What has to hold: an entry that was reset at a letter has met nothing that any
   other entry has not met after it. *)
Theorem forgetting_with_resets_is_safe :
  (forall h a v, lawful (h ++ [a]) -> stricter (time a) (wiped a) (exact (h ++ [a]) v)) ->
  forall h a t, lawful (h ++ [a]) -> reached Resets h t -> forall v, judges a (bound a v) (exact h v) = true -> table_judges a t = true.
Proof.
  intros W h a t O P v J. apply asking_few_is_asking_all. exists v. pose proof (time_after h a O) as T.
  eapply stricter_judges; [exact T| |exact J]. apply Prefix in O. clear a J T. revert v.
  revert O. induction P as [|h a t t' P IH S]; intros O v; auto.
  pose proof (time_after h a O) as T. rewrite latest_app, exact_app.
  apply (step_keeps stricter Resets a (latest first h) t (exact h)); try discriminate; eauto.
  - intros x y z [A _]. apply stricter_trans; auto.
  - intros b e e' T' H. eapply stricter_step; eauto.
  - intros _ w. rewrite <- exact_app. auto.
Qed.

(* There is such a table for every history, so none of this is about nothing. *)
Theorem a_table_is_reached : forall m h, exists t, reached m h t.
Proof.
  intros m h. induction h as [|a h [t IH]] using rev_ind; [exists empty; constructor|].
  assert (X : forall cs x, exists y, placed m a (default t) x cs y).
  { induction cs as [|[v b] cs X]; intros x; [exists x; constructor|]. destruct (X (add v (step a b (default t)) x)) as [y Y].
    exists y. now constructor. }
  destruct (X (fresh a t) (settle a t)) as [y Y]. exists y. econstructor; eauto.
Qed.

(* `forbid` and `protocol`: from any letter on the rule may overflow, for good; then it judges whatever one of its last steps matches. *)
Variable matches : L -> bool.
Inductive reached_or_over : list L -> option table -> Prop :=
| Apart : forall h t, reached KeepsAll h t -> reached_or_over h (Some t)
| Overflows : forall h a t, reached_or_over h (Some t) -> reached_or_over (h ++ [a]) None
| Over : forall h a, reached_or_over h None -> reached_or_over (h ++ [a]) None.
Definition judges_or_over (a : L) (t : option table) : bool := match t with Some t => table_judges a t | None => matches a end.

Theorem overflow_is_safe :
  (forall a b e, judges a b e = true -> matches a = true) ->
  forall h a t, lawful (h ++ [a]) -> reached_or_over h t -> forall v, judges a (bound a v) (exact h v) = true -> judges_or_over a t = true.
Proof.
  intros M h a [t|] O P v J; simpl; eauto. inversion P as [h' t' R| |]; subst. apply (slicing_judges h a t O R). eauto.
Qed.
End Places.

Section Sharing.
(* `limit`: a value for which there is no place is counted together with all others that have none, in the default entry. An account in which nothing counts
   any more may be dropped, also when others share one in which something does. *)
Variable nothing : Z -> E -> bool.
Inductive shared (a : L) (base : E) : table -> list (V * B) -> table -> Prop :=
| AllCounted : forall t, shared a base t [] t
| TakesPlace : forall t v b rest t', shared a base (add v (step a b base) t) rest t' -> shared a base t ((v, b) :: rest) t'
| CountsTogether : forall t v b rest t',
    shared a base {| default := step a b (default t); kept := kept t |} rest t' -> shared a base t ((v, b) :: rest) t'
(* Counting it (again) would change nothing. *)
| CountsAlready : forall t v b rest t',
    stricter (time a) (default t) (step a b (default t)) -> shared a base t rest t' -> shared a base t ((v, b) :: rest) t'
| DropsEmpty : forall t k cs t', nothing (time a) (get t k) = true -> shared a base (without k t) cs t' -> shared a base t cs t'.

Inductive reached_sharing : list L -> table -> Prop :=
| BeginsEmpty : reached_sharing [] empty
| Counts : forall h a t t0 t', reached_sharing h t -> shared a (default t) t [] t0 ->
    shared a (default (settle a t0)) (settle a t0) (fresh a t0) t' -> reached_sharing (h ++ [a]) t'.

(* Values of which nothing counts any more may be asked like those without a place. *)
Definition asked (skips : V -> bool) (a : L) (t : table) (v : V) : E :=
  if skips v && nothing (time a) (get t v) then default t else get t v.
Definition sharing_judges (skips : V -> bool) (a : L) (t : table) : bool :=
  judges a none (default t) || existsb (fun v => judges a (bound a v) (asked skips a t v)) (map fst (kept t) ++ map fst (candidates a)).

Hypothesis More : forall a b e, stricter (time a) (step a b e) e.
Hypothesis Nothing : forall t e d, nothing t e = true -> stricter t d e.

Lemma shared_keeps : forall a base f0 t cs t', shared a base t cs t' ->
  NoDup (map fst cs) ->
  (forall v b, find cs v = Some b -> find (kept t) v = None) ->
  (forall v b, find cs v = Some b -> stricter (time a) base (f0 v) /\ stricter (time a) (default t) (f0 v)) ->
  forall f, (forall v b, find cs v = Some b -> f v = step a b (f0 v)) ->
  (forall v, find cs v = None -> stricter (time a) (get t v) (f v)) ->
  forall v, stricter (time a) (get t' v) (f v).
Proof.
  intros a base f0 t cs t' P.
  induction P as [t|t v b rest t' P IH|t v b rest t' P IH|t v b rest t' S P IH|t k cs t' C P IH]; intros N A D f F H.
  - intros v. apply H. reflexivity.
  - inversion N; subst. assert (R : find rest v = None) by (apply find_none; auto). apply IH; auto.
    + intros w c I. unfold add. simpl. destruct (v_dec v w) as [->|n]; [congruence|]. apply A with c. simpl. destruct (v_dec v w); congruence.
    + intros w c I. apply (D w c). simpl. destruct (v_dec v w); congruence.
    + intros w c I. apply F. simpl. destruct (v_dec v w); congruence.
    + intros w I. rewrite get_add. destruct (v_dec v w) as [->|n]; [|apply H; simpl; destruct (v_dec v w); congruence].
      assert (X : find ((w, b) :: rest) w = Some b) by (simpl; destruct (v_dec w w); congruence).
      rewrite (F w b X). apply (stricter_step (time a)); [lia|]. apply (D w b X).
  - inversion N; subst. assert (R : find rest v = None) by (apply find_none; auto). apply IH; auto.
    + intros w c I. simpl. apply A with c. simpl. destruct (v_dec v w); congruence.
    + intros w c I. simpl. assert (X : find ((v, b) :: rest) w = Some c) by (simpl; destruct (v_dec v w); congruence).
      destruct (D w c X) as [Y Z]. split; auto. eapply stricter_trans; eauto.
    + intros w c I. apply F. simpl. destruct (v_dec v w); congruence.
    + intros w I. rewrite get_of. destruct (v_dec v w) as [->|n].
      * assert (X : find ((w, b) :: rest) w = Some b) by (simpl; destruct (v_dec w w); congruence).
        rewrite (A w b X), (F w b X). apply (stricter_step (time a)); [lia|]. apply (D w b X).
      * assert (X : find ((v, b) :: rest) w = None) by (simpl; destruct (v_dec v w); congruence).
        specialize (H w X). unfold get in H. destruct (find (kept t) w); auto. eapply stricter_trans; eauto.
  - inversion N; subst. assert (R : find rest v = None) by (apply find_none; auto). apply IH; auto.
    + intros w c I. apply A with c. simpl. destruct (v_dec v w); congruence.
    + intros w c I. apply (D w c). simpl. destruct (v_dec v w); congruence.
    + intros w c I. apply F. simpl. destruct (v_dec v w); congruence.
    + intros w I. destruct (v_dec v w) as [->|n]; [|apply H; simpl; destruct (v_dec v w); congruence].
      assert (X : find ((w, b) :: rest) w = Some b) by (simpl; destruct (v_dec w w); congruence).
      unfold get. rewrite (A w b X), (F w b X). eapply stricter_trans; [exact S|]. apply (stricter_step (time a)); [lia|]. apply (D w b X).
  - apply IH; auto.
    + intros w c I. rewrite find_without. destruct (v_dec k w); eauto.
    + intros w I. rewrite get_without. destruct (v_dec k w); subst; auto. eapply stricter_trans; [apply Nothing; eauto|]; auto.
Qed.

Theorem sharing_is_safe : forall h a t, lawful (h ++ [a]) -> reached_sharing h t ->
  forall skips v, judges a (bound a v) (exact h v) = true -> sharing_judges skips a t = true.
Proof.
  intros h a t O P skips v J. pose proof (time_after h a O) as T. apply Prefix in O.
  assert (G : forall v, stricter (latest first h) (get t v) (exact h v)).
  { clear a J T v skips. revert O. induction P as [|h a t t0 t' P IH S S']; intros O v; auto.
    pose proof (time_after h a O) as T. rewrite latest_app, exact_app. specialize (IH (Prefix _ _ O)).
    assert (G0 : forall v, stricter (time a) (get t0 v) (exact h v)).
    { apply (shared_keeps a (default t) (exact h) t [] t0 S); try discriminate; [constructor|].
      intros w _. eapply stricter_later; eauto. }
    apply (shared_keeps a (default (settle a t0)) (exact h) (settle a t0) (fresh a t0) t' S' (keys_of_fresh a t0))
      with (f := fun v => step a (bound a v) (exact h v)).
    - intros w b I. rewrite find_fresh in I. pose proof (get_settle a t0 w) as X. unfold settle. simpl.
      destruct (find (kept t0) w) eqn:K; [discriminate|]. clear - K. induction (kept t0) as [|[k e] l IHl]; simpl in *; auto.
      destruct (v_dec k w); [discriminate|auto].
    - intros w b I. rewrite find_fresh in I. specialize (G0 w). unfold get in G0.
      destruct (find (kept t0) w); [discriminate|]. simpl. split; eapply stricter_trans; eauto.
    - intros w b I. rewrite find_fresh in I. unfold bound. destruct (find (kept t0) w); [discriminate|]. now rewrite I.
    - intros w I. rewrite find_fresh in I. rewrite get_settle. specialize (G0 w). unfold get in G0. unfold bound.
      destruct (find (kept t0) w); [apply (stricter_step (time a)); [lia|auto]|].
      rewrite I. apply (stricter_step (time a)); [lia|auto]. }
  assert (G' : stricter (time a) (asked skips a t v) (exact h v)).
  { assert (X : stricter (time a) (get t v) (exact h v)) by (eapply stricter_later; [exact T|]; auto).
    unfold asked. destruct (skips v && nothing (time a) (get t v)) eqn:K; auto.
    apply andb_prop in K. eapply stricter_trans; [apply Nothing; apply K|]; auto. }
  assert (K : judges a (bound a v) (asked skips a t v) = true) by (eapply stricter_judges; [|exact G'|exact J]; lia).
  unfold sharing_judges. rewrite orb_true_iff, existsb_exists.
  destruct (in_dec v_dec v (map fst (kept t) ++ map fst (candidates a))) as [I|I]; [right; eauto|left].
  rewrite in_app_iff in I. unfold asked, get, bound in K. rewrite !find_none in K by tauto.
  destruct (skips v && _); auto.
Qed.
End Sharing.
End Slicing.

(* `forbid { a(x: ?v) then b(x: ?v) }`: one bit a value. *)
Module Example.
Record call := { is_a : bool; values : list nat }.
Definition candidates (c : call) : list (nat * bool) := map (fun v => (v, true)) (nodup Nat.eq_dec (values c)).
Definition step (c : call) (b e : bool) : bool := e || (b && is_a c).
Definition judges (c : call) (b e : bool) : bool := e && b && negb (is_a c).
Definition nat_table := table nat bool.

Lemma distinct : forall c, NoDup (map fst (candidates c)).
Proof. intros c. unfold candidates. rewrite map_map. simpl. rewrite map_id. apply NoDup_nodup. Qed.
Lemma fresh : forall vs : list nat, exists v, ~ In v vs.
Proof.
  intros vs. exists (S (list_max vs)). intros I. pose proof (proj1 (list_max_le vs (list_max vs)) (Nat.le_refl _)) as F.
  rewrite Forall_forall in F. specialize (F _ I). lia.
Qed.

(* For this rule the table is exact: all that was asked of it holds. *)
Example exact_here : forall h c t,
  reached nat bool call bool Nat.eq_dec false candidates (fun _ => 0) step false (fun _ e => e) (fun _ => false) KeepsAll h t ->
  (table_judges nat bool call bool Nat.eq_dec false candidates judges c t = true <->
   exists v, judges c (bound nat call bool Nat.eq_dec false candidates c v) (exact nat bool call bool Nat.eq_dec false candidates step false h v) = true).
Proof.
  intros h c t R. eapply slicing_judges with (lawful := fun _ => True) (first := 0); eauto using distinct, fresh.
  - intros g _. induction g; simpl; auto. split; [lia|auto].
  - split; intros w a b _; auto.
Qed.

Example says : let t : nat_table := {| default := false; kept := [(7%nat, true)] |} in
  table_judges nat bool call bool Nat.eq_dec false candidates judges {| is_a := false; values := [7%nat; 8%nat] |} t = true /\
  table_judges nat bool call bool Nat.eq_dec false candidates judges {| is_a := false; values := [8%nat] |} t = false.
Proof. split; reflexivity. Qed.
End Example.
